"""Attribute values that hold JSON in a text."""

from typing import Any

import msgspec

from dagster_project.formats.otlp.span import Attributes


def parsed(value: Any) -> Any:
    """The value of a JSON text; a text that is none, and anything else, as it is."""
    if type(value) is not str:
        return value
    try:
        return msgspec.json.decode(value)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
        return value


def listed(attributes: Attributes, name: str, taken: set[str]) -> list[Any]:
    """A list, or the JSON text of one; nothing for anything else, which stays drift."""
    value = parsed(attributes.get(name))
    if type(value) is not list:
        return []
    taken.add(name)
    return value
