"""What a unit of each framing is to the rules of a map, and what its file shows of it before landing."""

from collections.abc import Iterator
from functools import lru_cache
from typing import Any

import msgspec

from dagster_project.formats.base import Framing, Head, Rejected, Unit
from dagster_project.formats.head_values import CUT_OFF, first_members, first_values
from dagster_project.formats.mapped.schema import Map
from dagster_project.formats.mapped.yaml_values import parse_yaml
from dagster_project.formats.strict_json import parse_object
from dagster_project.settings import Settings

_HEADER = "document"
_FIRST_ELEMENTS = 20


def framing_of(document: Map) -> Framing:
    """The framing that cuts the map's files."""
    if document.framing == "tree":
        return f"tree:{document.children}"
    return f"after:{document.framing}" if document.counters else document.framing


def content_of(unit: Unit, document: Map, *, limits: Settings) -> dict[str, Any]:
    """The unit's value. Raises Rejected."""
    if document.framing == "csv":
        return unit.fields or {}
    if document.framing == "yaml":
        return _yaml_content(unit.raw, limits=limits)
    if document.framing not in {"object", "tree"}:
        return parse_object(unit.raw, limits=limits)
    [(key, value)] = parse_object(b"{" + unit.raw + b"}", limits=limits).items()
    if document.framing == "object":
        return {"key": key, "value": value}
    if unit.enclosure is None or unit.enclosure.is_torn:
        raise Rejected("format_error", "what stands around the leaf cannot be read")
    way = msgspec.json.decode(unit.enclosure.scope, type=list[str])
    header = _header(unit.enclosure.resource, limits)
    return {"key": key, "value": value, "path": "/".join(way), _HEADER: header}


@lru_cache(maxsize=1)
def _header(raw: bytes, limits: Settings) -> dict[str, Any]:
    """The same for every leaf of a document; nobody changes it."""
    return parse_object(raw, limits=limits)


def content_before(unit: Unit, document: Map, *, limits: Settings) -> tuple[dict[str, Any] | None, bool]:
    """The value of the unit before, None for the first; and whether it could be read."""
    enclosure = unit.enclosure
    if enclosure is None or enclosure.is_torn or not enclosure.resource:
        return None, enclosure is None or not enclosure.is_torn
    try:
        return content_of(msgspec.structs.replace(unit, raw=enclosure.resource), document, limits=limits), True
    except Rejected:
        return None, False


def _yaml_content(raw: bytes, *, limits: Settings) -> dict[str, Any]:
    value = parse_yaml(raw, limits=limits)
    if type(value) is not list or len(value) != 1 or type(value[0]) is not dict:
        raise Rejected("not_object", "not one element of a list, with keys")
    return value[0]


def first_units(head: Head, document: Map, *, limits: Settings) -> Iterator[Any]:
    """Values of the first units, as far as the head shows them; of a tree what stands around its leaves."""
    if document.framing == "tree":
        members = first_members(head)
        children = members.pop(str(document.children), None)
        if type(children) is dict or children is CUT_OFF:
            yield {_HEADER: {key: value for key, value in members.items() if value is not CUT_OFF}}
    elif document.framing == "yaml":
        yield from _first_elements(head, limits=limits)
    else:
        yield from first_values(head, document.framing)


def _first_elements(head: Head, *, limits: Settings) -> Iterator[Any]:
    parts = (b"\n" + head.start.removeprefix(b"\xef\xbb\xbf")).split(b"\n- ")
    # The last one may go on beyond the head.
    whole = parts[1:] if head.is_whole else parts[1:-1]
    for part in whole[:_FIRST_ELEMENTS]:
        try:
            yield _yaml_content(b"- " + part, limits=limits)
        except Rejected:
            continue
