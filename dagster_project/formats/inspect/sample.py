"""One sample of an Inspect log: its parsed content with the texts put back that the log stores once."""

import re
from typing import Any

import msgspec

from dagster_project.formats.base import Rejected
from dagster_project.formats.inspect.usage import Usage
from dagster_project.formats.strict_json import parse_object
from dagster_project.settings import Settings

# Inspect writes "no value" as NaN.
_CONSTANT = re.compile(rb'"(?:[^"\\]|\\.)*+"|(-?Infinity|NaN)')
_REFERENCE = re.compile(r"(?:attachment|tc)://(.*)", re.DOTALL)
# Texts put back may make a sample this many times as large as the largest document.
_GROWTH = 2
_NO_TEXT = ("events", "transcript", "attachments", "message_pool", "events_data", "timelines")


class ErrorDetails(msgspec.Struct):
    message: str
    traceback: str | None = None
    type: str | None = None


class Limit(msgspec.Struct):
    type: str
    limit: float | None = None


class ToolCall(msgspec.Struct):
    id: str
    function: str
    arguments: Any = None
    parse_error: str | None = None


class Message(msgspec.Struct):
    role: str
    content: Any = None
    id: str | None = None
    source: str | None = None
    tool_calls: list[ToolCall] | None = None
    tool_call_id: str | None = None
    function: str | None = None
    error: ErrorDetails | None = None
    tool_error: str | None = None  # as older versions wrote it
    model: str | None = None


class Choice(msgspec.Struct):
    message: Message | None = None
    stop_reason: str | None = None


class Output(msgspec.Struct):
    model: str | None = None
    choices: list[Choice] = []
    usage: Usage | None = None
    completion: str | None = None
    time: float | None = None


class Sample(msgspec.Struct):
    """The keys of a sample that are taken."""

    id: int | str
    epoch: int
    messages: list[Message] = []
    input: Any = None
    output: Output | None = None
    scores: dict[str, Any] | None = None
    score: Any = None
    error: ErrorDetails | None = None
    error_retries: list[ErrorDetails] | None = None
    limit: Limit | None = None
    model_usage: dict[str, Usage] | None = None
    started_at: str | None = None
    completed_at: str | None = None
    total_time: float | None = None
    working_time: float | None = None
    uuid: str | None = None
    invalidation: Any = None


def parse_sample(raw: bytes, *, limits: Settings) -> dict[str, Any]:
    """The sample's content. Raises Rejected as parse_object does, but takes NaN for no value."""
    if b"NaN" in raw or b"Infinity" in raw:
        raw = _CONSTANT.sub(lambda found: b"null" if found[1] else found[0], raw)
    return parse_object(raw, limits=limits)


def events_of(content: dict[str, Any]) -> list[dict[str, Any]]:
    """The sample's events, wherever its version keeps them."""
    transcript = content.get("transcript")
    events = content.get("events") or (transcript.get("events") if isinstance(transcript, dict) else None) or []
    if not isinstance(events, list) or not all(isinstance(event, dict) for event in events):
        raise Rejected("bad_type", "events must be a list of objects")
    return events


def without_references(content: dict[str, Any], *, limits: Settings) -> dict[str, Any]:
    """What was said and judged, without the events, every reference replaced by its text.

    Raises Rejected: too_large when the texts would make the sample grow out of bounds.
    """
    transcript = content.get("transcript")
    texts = content.get("attachments") or (transcript.get("content") if isinstance(transcript, dict) else None) or {}
    said = {key: value for key, value in content.items() if key not in _NO_TEXT}
    if not isinstance(texts, dict) or not texts:
        return said
    return _Resolver(texts, budget=_GROWTH * limits.max_document_bytes).resolved(said)


class _Resolver:
    def __init__(self, texts: dict[str, Any], *, budget: int) -> None:
        self._texts = texts
        self._budget = budget

    def resolved(self, value: Any) -> Any:
        if type(value) is str:
            return self._text(value)
        if type(value) is dict:
            return {key: self.resolved(inner) for key, inner in value.items()}
        return [self.resolved(inner) for inner in value] if type(value) is list else value

    def _text(self, value: str) -> str:
        found = _REFERENCE.fullmatch(value)
        text = self._texts.get(found[1]) if found else None
        if not isinstance(text, str):
            return value
        self._budget -= len(text)
        if self._budget < 0:
            raise Rejected("too_large", "the texts that the sample refers to make it grow out of bounds")
        return text
