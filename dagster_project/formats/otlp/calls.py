"""The LLM call and the tool call that a span tells of."""

from decimal import Decimal
from typing import Any

import msgspec

from dagster_project.formats.otlp import conventions as names
from dagster_project.formats.otlp.conventions import Reader
from dagster_project.formats.otlp.span import Span
from dagster_project.formats.otlp.usage import call_tokens
from dagster_project.formats.text_lane import TextLane, json_text

Record = tuple[str, dict[str, Any]]


def llm_call(span: Span, reader: Reader, *, seq: int) -> Record:
    """The record of a call to a model. Raises Rejected when token parts exceed their total."""
    parameters = _parameters(reader)
    fields = {
        "llm_call_id": span.span_id,
        "run_id": span.trace_id,
        "step_id": span.span_id,
        "seq": seq,
        "provider": reader.text(names.PROVIDER),
        "request_model": reader.text(names.REQUEST_MODEL),
        "response_model": reader.text(names.RESPONSE_MODEL),
        "finish_reason": _finish_reason(reader),
        "temperature": _number(_first(reader.take(names.TEMPERATURE), parameters.get("temperature"))),
        "max_tokens": _whole(_first(reader.take(names.MAX_TOKENS), _limit(parameters))),
        "ttft_ms": _milliseconds(reader.take(names.FIRST_CHUNK_SECONDS)),
        "latency_ms": span.latency_ms,
        "provider_cost_usd": _number(reader.take(names.COST)),
    }
    return "llm_calls", fields | call_tokens(reader)


def tool_call(span: Span, reader: Reader, *, seq: int, lane: TextLane) -> Record:
    """The record of a tool's run; it failed when the span says so."""
    arguments = _text(reader.take(names.TOOL_ARGUMENTS))
    fields = {
        "tool_call_id": reader.text(names.TOOL_CALL_ID) or span.span_id,
        "step_id": span.span_id,
        "run_id": span.trace_id,
        "seq": seq,
        "tool_name": reader.text(names.TOOL_NAME) or span.name or "unknown",
        "arguments_sha256": lane.add("tool_arguments", arguments),
        "arguments_valid": None if arguments is None else _is_object(arguments),
        "result_sha256": lane.add("tool_result", _text(reader.take(names.TOOL_RESULT))),
        "status": "error" if span.status == "error" else "ok",
        "error_type": reader.text(names.ERROR_TYPE),
        "latency_ms": span.latency_ms,
    }
    return "tool_calls", fields


def text_of(value: Any) -> str | None:
    """A text as it is, anything else as its JSON."""
    return _text(value)


def _text(value: Any) -> str | None:
    return None if value is None else value if type(value) is str else json_text(value)


def _is_object(text: str) -> bool:
    try:
        return type(msgspec.json.decode(text)) is dict
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError):
        return False


def _parameters(reader: Reader) -> dict[str, Any]:
    """OpenInference's parameters of the call, a JSON object in a text; they stay drift but for what is read."""
    text = reader.attributes.get(names.PARAMETERS[0])
    try:
        found = msgspec.json.decode(text) if type(text) is str else None
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
        return {}
    return found if type(found) is dict else {}


def _limit(parameters: dict[str, Any]) -> Any:
    return _first(parameters.get("max_tokens"), parameters.get("max_completion_tokens"))


def _first(*values: Any) -> Any:
    return next((value for value in values if value is not None), None)


def _finish_reason(reader: Reader) -> str | None:
    """One word for all choices that ended alike, else the words in order."""
    reasons = reader.take(names.FINISH_REASONS)
    if type(reasons) is list:
        return ",".join(dict.fromkeys(str(reason) for reason in reasons)) or None
    return reasons if type(reasons) is str and reasons else None


def _number(value: Any) -> float | None:
    if type(value) is str:
        try:
            return float(Decimal(value))
        except ArithmeticError:
            return None
    return float(value) if type(value) in (int, float) else None


def _whole(value: Any) -> int | None:
    return value if type(value) is int and value >= 0 else None


def _milliseconds(seconds: Any) -> int | None:
    if type(seconds) not in (int, float):
        return None
    return int(Decimal(str(seconds)) * 1000) if seconds >= 0 else None
