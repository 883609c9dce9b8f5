"""What a mapped run brings along: errors, texts, counts of tool calls."""

from collections.abc import Callable
from typing import Any

from dagster_project import records
from dagster_project.formats.base import Rejected
from dagster_project.formats.mapped.fields import converter
from dagster_project.formats.mapped.schema import Error, Map
from dagster_project.formats.mapped.sources import Captures, Take, Unit, taker
from dagster_project.formats.strict_json import json_type
from dagster_project.formats.text_lane import capped

Record = tuple[str, dict[str, Any]]
TakeError = Callable[[Unit, Captures, dict[str, Any]], list[Record]]
"""The last argument names what failed: `run_id`, and `step_id` of a step."""


def text_takers(document: Map) -> list[tuple[str, str, Take]]:
    """(column, payload kind, taker) of each text of the run."""
    texts = document.texts
    rules = (("input", texts.input), ("output", texts.output), ("message", texts.message))
    return [(f"{name}_sha256", f"run_{name}", _text_taker(source)) for name, source in rules if source is not None]


def _text_taker(source: str) -> Take:
    find = taker(source)

    def take(unit: Unit, captures: Captures) -> str | None:
        value = find(unit, captures)
        if value is not None and type(value) is not str:
            raise Rejected("bad_type", f"{source}: expected a text, found {json_type(value)}")
        return value

    return take


def error_takers(document: Map) -> list[TakeError]:
    """A function per declared error: no record for an absent or empty message, else one."""
    return [error_taker(error, ordinal=ordinal) for ordinal, error in enumerate(document.errors, start=1)]


def error_taker(error: Error, *, ordinal: int) -> TakeError:
    """One declared error as a function."""
    find = _text_taker(error.message)
    said = {"source": error.source, "phase": error.phase}
    details = [
        (name, taker(source), converter(records.TABLES["errors"].field(name).type, unit=None, is_text=False))
        for name, source in (
            ("error_type", error.error_type),
            ("top_frame", error.top_frame),
            ("http_status", error.http_status),
        )
        if source is not None
    ]

    def take(unit: Unit, captures: Captures, of: dict[str, Any]) -> list[Record]:
        message = find(unit, captures)
        if not message:
            return []
        ids = of | {"error_id": f"{of.get('step_id', of['run_id'])}/error-{ordinal}", "seq": of.get("seq", ordinal)}
        found = {
            name: convert(value, f"errors.{name}")
            for name, find_detail, convert in details
            if (value := find_detail(unit, captures)) is not None
        }
        return [("errors", {**ids, **said, **found, "message": capped(message)})]

    return take


def tool_call_labels(value: Any) -> tuple[dict[str, str], int | None]:
    """Labels `tool_calls.<name>` and the total, from an object of name → number of calls.

    No tool call rows are made of it: neither order nor result of the calls is known.
    """
    if value is None:
        return {}, None
    if type(value) is not dict:
        raise Rejected("bad_type", f"tool_call_counts: expected an object, found {json_type(value)}")
    for name, count in value.items():
        if type(count) is not int or count < 0:
            raise Rejected("bad_type", f"tool_call_counts: {name[:64]!r} is no count")
    return {f"tool_calls.{name}": str(count) for name, count in sorted(value.items())}, sum(value.values())
