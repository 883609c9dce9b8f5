"""A span as OpenTelemetry means it, whatever it was written in: JSON, protobuf or a console exporter's JSON."""

import datetime as dt
import math
import re
from typing import Any, Literal

import msgspec

from dagster_project.formats.base import Rejected
from dagster_project.formats.times import parse_epoch

Attributes = dict[str, Any]
"""Attribute name → string, bool, int, float, list or object."""

_HEX = re.compile(r"(?:0x)?([0-9a-fA-F]+)")
_NANOSECONDS = 1_000_000_000


class SpanEvent(msgspec.Struct, frozen=True):
    """Something that happened while the span ran. `occurred_at` is None when no time is given."""

    name: str
    occurred_at: dt.datetime | None
    attributes: Attributes


class Span(msgspec.Struct, frozen=True):
    """`parent_span_id` is None for the root of a trace, `ended_ns` while the span runs.

    `resource` and `scope` say whom it is from and which library made it; `others` are keys of the span that
    OpenTelemetry does not know, or that no record takes.
    """

    trace_id: str
    span_id: str
    parent_span_id: str | None
    name: str
    started_ns: int
    ended_ns: int | None
    status: Literal["unset", "ok", "error"]
    status_message: str | None
    attributes: Attributes
    events: list[SpanEvent]
    resource: Attributes
    scope: Attributes
    others: dict[str, Any]

    @property
    def started_at(self) -> dt.datetime:
        return instant(self.started_ns, field="start time")

    @property
    def ended_at(self) -> dt.datetime | None:
        return None if self.ended_ns is None else instant(self.ended_ns, field="end time")

    @property
    def latency_ms(self) -> int | None:
        """Whole milliseconds; unknown while the span runs, and when its clock ran backwards."""
        if self.ended_ns is None or self.ended_ns < self.started_ns:
            return None
        return (self.ended_ns - self.started_ns) // 1_000_000


def instant(nanoseconds: int, *, field: str) -> dt.datetime:
    """The UTC instant of nanoseconds since 1970, cut to microseconds. Raises Rejected: bad_timestamp."""
    return parse_epoch(nanoseconds // _NANOSECONDS, nanoseconds=nanoseconds % _NANOSECONDS, field=field)


def hex_id(text: Any, *, digits: int, field: str) -> str:
    """A trace or span id in lowercase digits. Raises Rejected: missing_required, bad_type, bad_id."""
    if text is None or text == "":
        raise Rejected("missing_required", f"{field} is missing or empty")
    if type(text) is not str:
        raise Rejected("bad_type", f"{field} must be a string")
    match = _HEX.fullmatch(text)
    if match is None or len(match[1]) != digits:
        raise Rejected("bad_id", f"{field} is {text[:64]!r}, not {digits} hexadecimal digits")
    if not match[1].strip("0"):
        raise Rejected("bad_id", f"{field} is all zeros")
    return match[1].lower()


def finite(number: float) -> float | str:
    """The number, or the word for one that JSON cannot hold."""
    if math.isnan(number):
        return "NaN"
    return number if math.isfinite(number) else "Infinity" if number > 0 else "-Infinity"
