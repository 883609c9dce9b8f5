"""OTLP protobuf: ExportTraceServiceRequest and ExportLogsServiceRequest messages, bare or each behind its length."""

import base64
import functools
from typing import Any, Literal

from dagster_project.formats.base import Enclosure, Event, FileFacts, Framing, Head, OwnFormat, Rejected, Unit
from dagster_project.formats.otlp.logs import LogRecord, event_of_log, log_record
from dagster_project.formats.otlp.records import event_of
from dagster_project.formats.otlp.span import Attributes, Span, SpanEvent, finite, hex_id, instant
from dagster_project.formats.otlp.wire import is_log_record, record_is_ahead
from dagster_project.settings import Settings

_STATUS: tuple[Literal["unset", "ok", "error"], ...] = ("unset", "ok", "error")


class OtlpProtobuf(OwnFormat):
    """Format of OTLP protobuf files."""

    name = "otlp-protobuf"
    version = "6"
    framing: Framing = "telemetry_protobuf"

    def __init__(self, settings: Settings) -> None:
        super().__init__(settings)
        self._around = functools.lru_cache(maxsize=64)(_read_around)

    def refusal(self, head: Head) -> str | None:
        if record_is_ahead(head.start, is_whole=head.is_whole):
            return None
        return "its bytes are no protobuf message of resource_spans or resource_logs"

    def decode(self, unit: Unit, facts: FileFacts) -> Event:
        if unit.enclosure is not None and unit.enclosure.is_torn:
            raise Rejected("format_error", "the resource around the span is torn: nobody knows whose it is")
        resource, scope = self._around(unit.enclosure or Enclosure())
        if is_log_record(unit.raw):
            return event_of_log(_log_record(unit.raw, resource, scope))
        return event_of(_span(unit.raw, resource, scope))


@functools.cache
def _messages() -> Any:
    """The generated message types; imported when the first span is decoded, for they are heavy."""
    from google.protobuf.message import DecodeError
    from google.protobuf.unknown_fields import UnknownFieldSet
    from opentelemetry.proto.common.v1.common_pb2 import InstrumentationScope
    from opentelemetry.proto.logs.v1.logs_pb2 import LogRecord as LogRecordMessage
    from opentelemetry.proto.resource.v1.resource_pb2 import Resource
    from opentelemetry.proto.trace.v1.trace_pb2 import Span as SpanMessage

    return SpanMessage, Resource, InstrumentationScope, UnknownFieldSet, DecodeError, LogRecordMessage


def _parsed(kind: Any, raw: bytes) -> Any:
    decode_error = _messages()[4]
    try:
        return kind.FromString(raw)
    except decode_error:
        raise Rejected("format_error", f"the bytes are no {kind.DESCRIPTOR.name} message") from None


def _span(raw: bytes, resource: Attributes, scope: Attributes) -> Span:
    message = _parsed(_messages()[0], raw)
    if message.status.code not in range(3):
        raise Rejected("bad_enum", f"the status code is {message.status.code}, expected 0, 1 or 2")
    if not message.start_time_unix_nano:
        raise Rejected("missing_required", "start_time_unix_nano is missing")
    parent = message.parent_span_id.hex()
    return Span(
        trace_id=hex_id(message.trace_id.hex(), digits=32, field="trace_id"),
        span_id=hex_id(message.span_id.hex(), digits=16, field="span_id"),
        parent_span_id=hex_id(parent, digits=16, field="parent_span_id") if parent.strip("0") else None,
        name=message.name,
        started_ns=message.start_time_unix_nano,
        ended_ns=message.end_time_unix_nano or None,
        status=_STATUS[message.status.code],
        status_message=message.status.message or None,
        attributes=_attributes(message.attributes),
        events=[_event(event) for event in message.events],
        resource=resource,
        scope=scope,
        others=_others(message),
    )


def _log_record(raw: bytes, resource: Attributes, scope: Attributes) -> LogRecord:
    message = _parsed(_messages()[5], raw)
    at = message.time_unix_nano or message.observed_time_unix_nano
    if not at:
        raise Rejected("missing_required", "a log record without timeUnixNano and observedTimeUnixNano")
    trace, span = message.trace_id.hex(), message.span_id.hex()
    others = {
        "severityNumber": message.severity_number,
        "severityText": message.severity_text,
        "droppedAttributesCount": message.dropped_attributes_count,
    }
    return log_record(
        trace_id=hex_id(trace, digits=32, field="trace_id") if trace.strip("0") else None,
        span_id=hex_id(span, digits=16, field="span_id") if span.strip("0") else None,
        at_ns=at,
        name=message.event_name,
        attributes=_attributes(message.attributes),
        body=_value(message.body),
        resource=resource,
        scope=scope,
        others={key: value for key, value in others.items() if value} | _unknown(message),
    )


def _event(event: Any) -> SpanEvent:
    at = instant(event.time_unix_nano, field="event time") if event.time_unix_nano else None
    return SpanEvent(event.name, at, _attributes(event.attributes))


def _attributes(pairs: Any) -> Attributes:
    found: Attributes = {}
    for pair in pairs:
        if pair.key in found:
            raise Rejected("duplicate_key", f"attributes: {pair.key[:100]!r} is there twice")
        value = _value(pair.value)
        if value is not None:
            found[pair.key] = value
    return found


def _value(value: Any) -> Any:
    kind = value.WhichOneof("value")
    if kind is None:
        return None
    inner = getattr(value, kind)
    if kind == "array_value":
        return [_value(element) for element in inner.values]
    if kind == "kvlist_value":
        return _attributes(inner.values)
    if kind == "bytes_value":
        return base64.b64encode(inner).decode()
    return finite(inner) if kind == "double_value" else inner


def _read_around(enclosure: Enclosure) -> tuple[Attributes, Attributes]:
    from google.protobuf import json_format

    _, resource_type, scope_type, *_ = _messages()
    resource = _parsed(resource_type, enclosure.resource)
    scope = _parsed(scope_type, enclosure.scope)
    named = {key: value for key, value in (("name", scope.name), ("version", scope.version)) if value}
    entities = [json_format.MessageToDict(entity) for entity in resource.entity_refs]
    refers = {"resource.entityRefs": entities} if entities else {}
    return (
        _attributes(resource.attributes) | refers | _unknown(resource, prefix="resource."),
        named | _attributes(scope.attributes) | _unknown(scope, prefix="scope."),
    )


def _others(message: Any) -> dict[str, Any]:
    """What no field takes and says something, by OTLP/JSON's names, so that both encodings are one content."""
    others: dict[str, Any] = {}
    if message.trace_state:
        others["traceState"] = message.trace_state
    for key in ("dropped_attributes_count", "dropped_events_count", "dropped_links_count"):
        count = getattr(message, key)
        if count:
            head, *rest = key.split("_")
            others[head + "".join(word.capitalize() for word in rest)] = count
    if message.links:
        others["links"] = [_link(link) for link in message.links]
    others |= _unknown(message) | _unknown(message.status, prefix="status.")
    for event in message.events:
        for key, value in _unknown(event, dropped="").items():
            others.setdefault(f"events[].{key}", []).append(value)
    return others


def _unknown(message: Any, *, prefix: str = "", dropped: str = "dropped_attributes_count") -> dict[str, Any]:
    """Fields of a newer OTLP than ours, and the count of what the writer dropped, where the message has one."""
    fields = _messages()[3](message)
    found: dict[str, Any] = {f"{prefix}field {field.field_number}": str(field.data) for field in fields}
    if dropped and getattr(message, dropped, 0):
        found[f"{prefix}droppedAttributesCount"] = getattr(message, dropped)
    return found


def _link(link: Any) -> dict[str, Any]:
    found: dict[str, Any] = {"traceId": link.trace_id.hex(), "spanId": link.span_id.hex()}
    if link.trace_state:
        found["traceState"] = link.trace_state
    if link.attributes:
        found["attributes"] = _attributes(link.attributes)
    return found | _unknown(link)
