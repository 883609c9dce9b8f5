"""OpenAI's answers, one a line: the output and error files of a batch, and completions as the API gave them.

A line holds the answer alone, not what was asked: a run of one LLM call with its messages and tool calls, unscored. A
request that failed, or was answered by an error, ended by `error`. A batch line is known by its `id`, an answer by its
own; without one the file's name and `custom_id` or the line's content are. Token convention: inclusive.
"""

import hashlib
from typing import Any

import msgspec

from dagster_project.formats.base import Event, FileFacts, Framing, Head, OwnFormat, Rejected, Unit
from dagster_project.formats.content_parts import stem
from dagster_project.formats.conversation import Record, Turn, conversation_records, count_of
from dagster_project.formats.head_values import first_objects
from dagster_project.formats.identity import identity
from dagster_project.formats.openai.responses import message_of
from dagster_project.formats.openai.shapes import (
    MESSAGE_KEYS,
    USAGE_PLACES,
    Message,
    Usage,
    drift_of_messages,
    turn_of,
    usage_columns,
)
from dagster_project.formats.shapes import shaped, with_values
from dagster_project.formats.strict_json import parse_object
from dagster_project.formats.text_lane import TextLane, capped
from dagster_project.formats.times import parse_epoch
from dagster_project.formats.unmapped import KnownKeys, drift_of_items

_ANSWERS = ("chat.completion", "response")
_FAILURES = frozenset({"failed", "cancelled", "incomplete"})


class Failure(msgspec.Struct):
    code: str | int | None = None
    type: str | None = None
    message: str | None = None


class Choice(msgspec.Struct):
    message: Message
    finish_reason: str | None = None
    index: int | None = None


class Body(msgspec.Struct):
    """An answer of either API, or the error that stands for one."""

    id: str | None = None
    object: str | None = None
    model: str | None = None
    created: int | None = None
    created_at: float | None = None
    choices: list[Choice] = []
    output: list[Any] = []
    status: str | None = None
    usage: Usage | None = None
    error: Failure | None = None
    temperature: float | None = None
    max_output_tokens: int | None = None


class Response(msgspec.Struct):
    status_code: int | None = None
    request_id: str | None = None
    body: Body | None = None


class Line(msgspec.Struct):
    custom_id: str
    id: str | None = None
    response: Response | None = None
    error: Failure | None = None


_BODY = [
    *((field,) for field in Body.__struct_fields__ if field not in ("usage", "output", "error")),
    *(("usage", *place) for place in USAGE_PLACES),
    *(("error", field) for field in Failure.__struct_fields__),
]
_KNOWN_BODY = KnownKeys(_BODY)
_CHOICE_KEYS = frozenset(Choice.__struct_fields__)
_KNOWN_LINE = KnownKeys(
    [
        ("custom_id",), ("id",), ("response", "status_code"), ("response", "request_id"),
        *(("error", field) for field in Failure.__struct_fields__), *(("response", "body", *place) for place in _BODY),
    ]
)  # fmt: skip


class OpenAIBatch(OwnFormat):
    """Format of answers in lines."""

    name = "openai-batch"
    version = "4"
    framing: Framing = "lines"

    def refusal(self, head: Head) -> str | None:
        values = first_objects(head, "lines")
        if any(_is_line(value) or value.get("object") in _ANSWERS for value in values):
            return None
        begun = head.start.lstrip()[:4096]
        is_begun = not head.is_whole and b"\n" not in head.start and begun.startswith(b"{")
        if is_begun and b'"custom_id"' in begun and b'"status_code"' in begun:
            return None
        return "none of its first lines has 'custom_id' and 'response', or is a chat completion"

    def facts(self, head: Head) -> FileFacts:
        file = stem(head.path)
        values = first_objects(head, "lines")
        is_named = bool(values) and all(isinstance(value.get("id"), str) for value in values)
        return FileFacts(path=head.path, captures={"file": file}, identity=() if is_named else (file,))

    def decode(self, unit: Unit, facts: FileFacts) -> Event:
        content = parse_object(unit.raw, limits=self._settings)
        is_line = _is_line(content)
        line = shaped(content, Line) if is_line else Line("", response=Response(body=shaped(content, Body)))
        response = line.response or Response()
        body = response.body or Body()
        run_id = _run_id(line, body, content, file=facts.captures["file"])
        lane = TextLane()
        failure = _failure(line, response, body)
        children = [] if failure else conversation_records(_turns(body), run_id=run_id, lane=lane)
        if not children and not failure:
            raise Rejected("missing_required", "neither choices, output nor an error is there")
        at = _at(body)
        labels = {"file": facts.captures["file"], "custom_id": line.custom_id, "request_id": response.request_id}
        run = {
            "run_id": run_id, "kind": "agent", "agent_id": body.model or facts.captures["file"], "model": body.model,
            "provider": "openai", "termination": "error" if failure else "completed",
            "outcome": "failure" if failure else "unscored", "outcome_source": "rule" if failure else None,
            "error_type": failure.error_type if failure else None, "cost_source": "none",
            "time_quality": "exact" if at else "sequence_only", "ended_at": at,
            "step_count": count_of("steps", children), "tool_call_count": count_of("tool_calls", children),
            "labels": {name: value for name, value in labels.items() if value},
        }  # fmt: skip
        return Event(
            organization_id="default", event_id=run_id, unit_kind="run",
            event_date=at.date() if at else None, occurred_at=at,
            records=[
                ("runs", with_values(run)),
                *children,
                *([failure.record(run_id)] if failure else []),
                *(_KNOWN_LINE if is_line else _KNOWN_BODY).unmapped(content, lane=lane),
                *_drift_of_choices(content["response"]["body"] if is_line and response.body else content, lane=lane),
            ],
            texts=lane.texts, content=content,
        )  # fmt: skip


class _Failed(msgspec.Struct):
    """Why there is no answer."""

    message: str
    error_type: str | None
    http_status: int | None

    def record(self, run_id: str) -> Record:
        error = {"error_id": f"{run_id}/error", "run_id": run_id, "source": "llm_api", "phase": "llm_call"}
        said = {"message": capped(self.message), "error_type": self.error_type, "http_status": self.http_status}
        return "errors", error | with_values(said)


def _is_line(value: dict[str, Any]) -> bool:
    has_end = isinstance(value.get("response"), dict) or isinstance(value.get("error"), dict)
    return isinstance(value.get("custom_id"), str) and has_end


def _failure(line: Line, response: Response, body: Body) -> _Failed | None:
    """The batch's own error, the API's, or a status that says there was one."""
    status = response.status_code if response.status_code is not None and response.status_code >= 400 else None
    said = line.error or body.error
    if said is None and status is None and body.status not in _FAILURES - {"incomplete"}:
        return None
    said = said or Failure()
    word = said.type if said.type is not None else said.code
    text = said.message or str(word or body.status or f"HTTP status {status}")
    return _Failed(text, None if word is None else str(word), status)


def _run_id(line: Line, body: Body, content: dict[str, Any], *, file: str) -> str:
    declared = line.id or body.id
    if declared:
        return identity("openai-batch", declared)
    if line.custom_id:
        return identity("openai-batch", file, line.custom_id)
    sha256 = hashlib.sha256(msgspec.json.encode(content, order="sorted")).hexdigest()
    return identity("openai-batch", file, sha256)


def _drift_of_choices(body: dict[str, Any], *, lane: TextLane) -> list[Record]:
    choices = body.get("choices") or []
    messages = [choice["message"] for choice in choices]
    found = drift_of_items(choices, known=_CHOICE_KEYS, prefix="choices[]", lane=lane)
    return found + drift_of_messages(messages, known=MESSAGE_KEYS, prefix="choices[].message", lane=lane)


def _at(body: Body) -> Any:
    seconds = body.created if body.created is not None else body.created_at
    return None if seconds is None else parse_epoch(int(seconds), field="created")


def _turns(body: Body) -> list[Turn]:
    """The answer, and what else a request for several was answered: one call made them all."""
    if body.output or (body.object == "response" and body.status == "incomplete"):  # cut off before it said a word
        message = shaped(message_of(body.output), Message)
        return [turn_of(message, field="output", llm=_llm(body, finish_reason=body.status))]
    return [
        turn_of(choice.message, field=f"choices[{at}].message",
                llm=None if at else _llm(body, finish_reason=choice.finish_reason))
        for at, choice in enumerate(body.choices)
    ]  # fmt: skip


def _llm(body: Body, *, finish_reason: str | None) -> dict[str, Any]:
    call = {
        "provider": "openai", "response_model": body.model, "finish_reason": finish_reason,
        "temperature": body.temperature, "max_tokens": body.max_output_tokens,
    }  # fmt: skip
    known = with_values(call)
    return known if body.usage is None else known | usage_columns(body.usage)
