"""OTLP/JSON: messages of `resourceSpans` and `resourceLogs`, single spans and log records, and printed ones."""

import functools
import re
from typing import Any, Literal

from dagster_project.formats.base import Enclosure, Event, FileFacts, Framing, Head, OwnFormat, Rejected, Unit
from dagster_project.formats.head_values import first_values
from dagster_project.formats.otlp.json_logs import is_log_record, is_lone_log_record, read_log_record
from dagster_project.formats.otlp.json_others import (
    camel,
    others,
    others_below,
    others_of_printed,
    resource_attributes,
    scope_attributes,
)
from dagster_project.formats.otlp.json_values import attributes_of, identifier, integer, nanoseconds
from dagster_project.formats.otlp.logs import event_of_log
from dagster_project.formats.otlp.records import event_of
from dagster_project.formats.otlp.span import Attributes, Span, SpanEvent, hex_id, instant
from dagster_project.formats.strict_json import parse, parse_object
from dagster_project.formats.times import parse_instant
from dagster_project.settings import Settings

_MESSAGE = re.compile(rb'(?:\xef\xbb\xbf)?[\s]*\{\s*"resource(?:Spans|_spans|Logs|_logs)"\s*:\s*[\[n]')
_RESOURCE = re.compile(
    rb'\{\s*(?:"resource"\s*:\s*\{.{0,60000}?)?"scope(?:Spans|_spans|Logs|_logs)"\s*:\s*\[', re.DOTALL
)
# The messages, and what they hold: some exporters write that alone, one a line.
_MESSAGES = frozenset({"resourceSpans", "resourceLogs", "scopeSpans", "scopeLogs"})
_SPAN_KEYS = re.compile(rb'"span_?[iI]d"\s*:.{0,60000}?"start_?[tT]ime', re.DOTALL)
_STATUS: dict[Any, Literal["unset", "ok", "error"]] = {
    None: "unset", 0: "unset", 1: "ok", 2: "error",
    "STATUS_CODE_UNSET": "unset", "STATUS_CODE_OK": "ok", "STATUS_CODE_ERROR": "error",
    "UNSET": "unset", "OK": "ok", "ERROR": "error", "Unset": "unset", "Ok": "ok", "Error": "error",
}  # fmt: skip


class OtlpJson(OwnFormat):
    """Format of OTLP/JSON files."""

    name = "otlp-json"
    version = "6"
    framing: Framing = "telemetry_json"

    def __init__(self, settings: Settings) -> None:
        super().__init__(settings)
        self._attributes_around = functools.lru_cache(maxsize=64)(self._read_around)

    def refusal(self, head: Head) -> str | None:
        if _MESSAGE.match(head.start):
            return None
        start = head.start.removeprefix(b"\xef\xbb\xbf").lstrip()
        if not start.startswith((b"{", b"[")):
            return "it begins with neither a message of resourceSpans or resourceLogs nor a span or log record"
        for value in self._first_values(head, start):
            if type(value) is dict and (not _MESSAGES.isdisjoint(value) or _is_record(value)):
                return None
        if not head.is_whole and b"\n" not in start and (_SPAN_KEYS.search(start) or _RESOURCE.match(start)):
            return None  # a single one, longer than the head
        return "no resourceSpans or resourceLogs, no object with trace id, span id and start time, and no log record"

    def _first_values(self, head: Head, start: bytes) -> Any:
        """What the file may begin with: lines, elements, or one object over many lines."""
        yield from first_values(head, "array")
        if start.startswith(b"{"):
            yield from first_values(head, "lines")
            yield from first_values(Head(path=head.path, start=start, is_whole=True), "document")

    def decode(self, unit: Unit, facts: FileFacts) -> Event:
        content = parse_object(unit.raw, limits=self._settings)
        if unit.enclosure is not None and unit.enclosure.is_torn:
            raise Rejected("format_error", "the resource around the span is torn: nobody knows whose it is")
        keys = {camel(key): value for key, value in content.items()}
        if is_log_record(keys):
            resource, scope = self._attributes_around(unit.enclosure or Enclosure())
            if unit.enclosure is None:
                resource = resource_attributes(keys.get("resource"))
                scope = scope_attributes(keys.get("scope") or keys.get("instrumentationScope"))
            return event_of_log(read_log_record(keys, resource=resource, scope=scope))
        span = self._printed_span(keys) if type(keys.get("context")) is dict else self._span(keys, unit.enclosure)
        return event_of(span)

    def _span(self, keys: dict[str, Any], enclosure: Enclosure | None) -> Span:
        if "traceId" not in keys and "spanId" not in keys:
            raise Rejected("format_error", "neither a span nor a message of resourceSpans")
        resource, scope = self._attributes_around(enclosure or Enclosure())
        if enclosure is None:
            resource, scope = resource_attributes(keys.get("resource")), scope_attributes(keys.get("scope"))
        parent = keys.get("parentSpanId")
        status = keys.get("status") or {}
        if type(status) is not dict:
            raise Rejected("bad_type", "status must be an object")
        start = keys.get("startTimeUnixNano")
        if start is None:
            raise Rejected("missing_required", "startTimeUnixNano is missing")
        end = integer(keys.get("endTimeUnixNano") or 0, field="endTimeUnixNano")
        return Span(
            trace_id=identifier(keys.get("traceId"), digits=32, field="traceId"),
            span_id=identifier(keys.get("spanId"), digits=16, field="spanId"),
            parent_span_id=None if _is_nothing(parent) else identifier(parent, digits=16, field="parentSpanId"),
            name=_text(keys.get("name"), field="name"),
            started_ns=integer(start, field="startTimeUnixNano"),
            ended_ns=end or None,
            status=_status(status.get("code")),
            status_message=_text(status.get("message"), field="status.message") or None,
            attributes=attributes_of(keys.get("attributes")),
            events=[_event(event) for event in _list(keys.get("events"), field="events")],
            resource=resource,
            scope=scope,
            others=others(keys) | others_below(keys, status),
        )

    def _printed_span(self, keys: dict[str, Any]) -> Span:
        """A span as the console exporter of the Python SDK prints it."""
        context = {camel(key): value for key, value in keys["context"].items()}
        parent = keys.get("parentId")
        status = keys.get("status") or {}
        if type(status) is not dict:
            raise Rejected("bad_type", "status must be an object")
        end = keys.get("endTime")
        return Span(
            trace_id=hex_id(context.get("traceId"), digits=32, field="trace_id"),
            span_id=hex_id(context.get("spanId"), digits=16, field="span_id"),
            parent_span_id=None if parent is None else hex_id(parent, digits=16, field="parent_id"),
            name=_text(keys.get("name"), field="name"),
            started_ns=nanoseconds(keys.get("startTime"), field="start_time"),
            ended_ns=None if end is None else nanoseconds(end, field="end_time"),
            status=_status(status.get("status_code")),
            status_message=_text(status.get("description"), field="status.description") or None,
            attributes=attributes_of(keys.get("attributes")),
            events=[_printed_event(event) for event in _list(keys.get("events"), field="events")],
            resource=resource_attributes(keys.get("resource")),
            scope=scope_attributes(keys.get("instrumentationScope")),
            others=others(keys) | others_of_printed(keys, status),
        )

    def _read_around(self, enclosure: Enclosure) -> tuple[Attributes, Attributes]:
        """Attributes of the resource and of the scope around a span."""
        resource = parse(enclosure.resource, limits=self._settings) if enclosure.resource else None
        scope = parse(enclosure.scope, limits=self._settings) if enclosure.scope else None
        return resource_attributes(resource), scope_attributes(scope)


def _is_record(value: dict[str, Any]) -> bool:
    keys = {camel(key): each for key, each in value.items()}
    if is_lone_log_record(keys):
        return True
    context = value.get("context")
    if type(context) is dict:
        return {"trace_id", "span_id"} <= context.keys() and "startTime" in keys
    return {"traceId", "spanId", "startTimeUnixNano"} <= keys.keys()


def _is_nothing(identifier_text: Any) -> bool:
    return identifier_text is None or (type(identifier_text) is str and not identifier_text.strip("0"))


def _text(value: Any, *, field: str) -> str:
    if value is not None and type(value) is not str:
        raise Rejected("bad_type", f"{field} must be a string")
    return value or ""


def _list(value: Any, *, field: str) -> list[Any]:
    if value is not None and type(value) is not list:
        raise Rejected("bad_type", f"{field} must be a list")
    return value or []


def _status(code: Any) -> Literal["unset", "ok", "error"]:
    if type(code) in (dict, list, float) or code not in _STATUS:
        raise Rejected("bad_enum", f"the status code is {str(code)[:64]!r}, expected 0, 1 or 2")
    return _STATUS[code]


def _event(event: Any) -> SpanEvent:
    if type(event) is not dict:
        raise Rejected("bad_type", "an event must be an object")
    at = integer(event.get("timeUnixNano", event.get("time_unix_nano")) or 0, field="timeUnixNano")
    name = _text(event.get("name"), field="events.name")
    return SpanEvent(name, instant(at, field="event time") if at else None, attributes_of(event.get("attributes")))


def _printed_event(event: Any) -> SpanEvent:
    if type(event) is not dict:
        raise Rejected("bad_type", "an event must be an object")
    at = event.get("timestamp")
    occurred_at = None if at is None else parse_instant(at, field="event time")
    return SpanEvent(_text(event.get("name"), field="events.name"), occurred_at, attributes_of(event.get("attributes")))
