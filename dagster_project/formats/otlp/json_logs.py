"""Log records in JSON: as OTLP/JSON writes them, and as the console exporter of the Python SDK prints them."""

from typing import Any

from dagster_project.formats.base import Rejected
from dagster_project.formats.otlp.json_values import any_value, attributes_of, identifier, integer, nanoseconds
from dagster_project.formats.otlp.logs import LogRecord, log_record
from dagster_project.formats.otlp.span import Attributes

_TIMES = ("timeUnixNano", "observedTimeUnixNano")
_PRINTED_TIMES = ("timestamp", "observedTimestamp")
_TAKEN = frozenset({"traceId", "spanId", "eventName", "body", "attributes", "flags", "resource", "scope"})
_KEYS = _TAKEN | {*_TIMES}
_PRINTED_KEYS = _TAKEN | {*_PRINTED_TIMES, "traceFlags", "instrumentationScope"}
_TELLING = frozenset({*_TIMES, "body", "severityNumber", "severityText", "eventName"})


def is_log_record(keys: dict[str, Any]) -> bool:
    """Whether an object with these keys, written as OTLP/JSON does, is a log record: spans have a start."""
    return "startTimeUnixNano" not in keys and "context" not in keys and not _TELLING.isdisjoint(keys)


def is_lone_log_record(keys: dict[str, Any]) -> bool:
    """Whether it is one beyond doubt, so that a file of such lines is of OpenTelemetry."""
    has_time = not {*_TIMES}.isdisjoint(keys) or ({*_PRINTED_TIMES} <= keys.keys() and "traceFlags" in keys)
    return has_time and is_log_record(keys)


def read_log_record(keys: dict[str, Any], *, resource: Attributes, scope: Attributes) -> LogRecord:
    """The record that these keys are. Raises Rejected when a value cannot be what it says."""
    if not {*_PRINTED_TIMES}.isdisjoint(keys) and {*_TIMES}.isdisjoint(keys):
        times, taken = _PRINTED_TIMES, _PRINTED_KEYS
        at = next((nanoseconds(keys[name], field=name) for name in times if keys.get(name) is not None), None)
        body = keys.get("body")  # printed as it is
    else:
        times, taken = _TIMES, _KEYS
        found = next((keys[name] for name in times if keys.get(name) not in (None, 0, "0")), None)
        at = None if found is None else integer(found, field="timeUnixNano")
        body = any_value(keys.get("body"), field="body")
    if at is None:
        raise Rejected("missing_required", f"a log record without {times[0]} and {times[1]}")
    return log_record(
        trace_id=_identifier(keys.get("traceId"), digits=32, field="traceId"),
        span_id=_identifier(keys.get("spanId"), digits=16, field="spanId"),
        at_ns=at,
        name=keys.get("eventName"),
        attributes=attributes_of(keys.get("attributes")),
        body=body,
        resource=resource,
        scope=scope,
        others={key: value for key, value in keys.items() if key not in taken and value not in (None, "", 0)},
    )


def _identifier(text: Any, *, digits: int, field: str) -> str | None:
    is_nothing = text is None or (type(text) is str and not text.removeprefix("0x").strip("0"))
    return None if is_nothing else identifier(text, digits=digits, field=field)
