"""Errors of a span: its exception events, else the message of a status that says error."""

import re
from typing import Any

from dagster_project.formats.identity import identity
from dagster_project.formats.otlp import conventions as names
from dagster_project.formats.otlp.conventions import Reader
from dagster_project.formats.otlp.span import Span
from dagster_project.formats.text_lane import capped

Record = tuple[str, dict[str, Any]]

_SOURCES = {
    "llm": "llm_api",
    "embedding": "llm_api",
    "tool": "tool",
    "retrieval": "retrieval",
    "guardrail": "guardrail",
}
_PHASES = {"llm": "generate", "embedding": "generate", "tool": "tool_call", "retrieval": "retrieve"}
# Python names the innermost frame last, most others first.
_PYTHON_FRAME = re.compile(r'^\s*File "([^"\n]+)", line ([0-9]+), in (\S+)', re.MULTILINE)
_OTHER_FRAME = re.compile(r"^\s+at (.+?)\s*$", re.MULTILINE)


def error_records(span: Span, reader: Reader, *, kind: str, step_id: str | None) -> list[Record]:
    """One record per exception event; one for the status when there was none and it says something."""
    http_status = _http_status(reader)
    declared = reader.text(names.ERROR_TYPE)
    base = {
        "run_id": span.trace_id,
        "step_id": step_id,
        "source": _SOURCES.get(kind, "agent_runner"),
        "phase": _PHASES.get(kind, "execute"),
        "http_status": http_status,
    }
    found: list[Record] = []
    for number, event in enumerate(event for event in span.events if event.name == names.EXCEPTION_EVENT):
        attributes = event.attributes
        error: dict[str, Any] = {
            "error_id": identity(span.trace_id, span.span_id, str(number)),
            "seq": number,
            "message": _message(attributes.get(names.EXCEPTION_MESSAGE) or span.status_message),
            "error_type": _text(attributes.get(names.EXCEPTION_TYPE)) or declared,
            "top_frame": top_frame(attributes.get(names.STACK_TRACE)),
        }
        if event.occurred_at is not None:
            error["occurred_at"] = event.occurred_at
        found.append(("errors", base | error))
    if not found and span.status == "error":
        error = {
            "error_id": identity(span.trace_id, span.span_id, "status"),
            "seq": 0,
            "message": _message(span.status_message or declared),
            "error_type": declared,
        }
        found.append(("errors", base | error))
    return found


def top_frame(stack_trace: Any) -> str | None:
    """Where the exception was raised: the innermost frame as `file:line in function`, or as it is written."""
    if type(stack_trace) is not str:
        return None
    frames = _PYTHON_FRAME.findall(stack_trace)
    if frames:
        file, line, function = frames[-1]
        return f"{file}:{line} in {function}"
    other = _OTHER_FRAME.search(stack_trace)
    return other[1] if other else None


def _message(value: Any) -> str | None:
    text = _text(value)
    return capped(text) if text else None


def _text(value: Any) -> str | None:
    return None if value is None or value == "" else value if type(value) is str else str(value)


def _http_status(reader: Reader) -> int | None:
    value = reader.take(names.HTTP_STATUS)
    if type(value) is int and 100 <= value <= 599:
        return value
    declared = reader.attributes.get(names.ERROR_TYPE[0])
    is_code = type(declared) is str and len(declared) == 3 and declared.isdigit() and "100" <= declared <= "599"
    return int(declared) if is_code else None
