"""The conversation of an Inspect sample, with what its events know of the calls: times, tokens, errors.

A message a model made is one step and LLM call; its event is the one whose output has the same id, or, where messages
have no ids, the one in the same place. Calls that made no message (of a judge, a sub-agent) are steps after them.
"""

import datetime as dt
from typing import Any, Literal, cast, get_args

import msgspec

from dagster_project.formats.base import Rejected
from dagster_project.formats.content_parts import content_text
from dagster_project.formats.conversation import Call, Failure, Record, Turn, conversation_records, count_of
from dagster_project.formats.inspect.sample import ErrorDetails, Message, Output, Sample
from dagster_project.formats.inspect.usage import usage_columns
from dagster_project.formats.shapes import elapsed_ms, shaped
from dagster_project.formats.text_lane import TextLane, capped, json_text
from dagster_project.formats.times import parse_instant

Role = Literal["system", "user", "assistant", "tool"]
Fate = Literal["error", "timeout", "cancelled"]

_ROLES: frozenset[str] = frozenset(get_args(Role))
_FATES: dict[str, Fate] = {"timeout": "timeout", "cancelled": "cancelled"}
_CANCELLED = frozenset({"Cancelled by operator", "Cancelled by limit", "Cancelled by system"})


class Config(msgspec.Struct):
    temperature: float | None = None
    max_tokens: int | None = None


class Event(msgspec.Struct):
    """A call of a model or a tool as the transcript recorded it."""

    event: str
    timestamp: str
    completed: str | None = None
    working_time: float | None = None
    model: str | None = None
    role: str | None = None
    id: str | None = None
    output: Output | None = None
    config: Config | None = None
    retries: int | None = None
    error: Any = None
    started_at: dt.datetime | None = None
    ended_at: dt.datetime | None = None

    @property
    def latency_ms(self) -> int | None:
        return elapsed_ms(self.started_at, self.ended_at)

    @property
    def message(self) -> Message | None:
        choices = self.output.choices if self.output else []
        return choices[0].message if choices else None


def call_events(events: list[dict[str, Any]], kind: str) -> list[Event]:
    """The events of that kind, with their times read."""
    found = []
    for content in events:
        if content.get("event") != kind or content.get("pending"):
            continue
        event = shaped({key: content[key] for key in _EVENT_KEYS if key in content}, Event)
        event.started_at = parse_instant(event.timestamp, field="events.timestamp")
        if event.completed is not None:
            event.ended_at = parse_instant(event.completed, field="events.completed")
        found.append(event)
    return found


_EVENT_KEYS = (
    "event", "timestamp", "completed", "working_time", "model", "role", "id", "output", "config", "retries", "error",
)  # fmt: skip


def conversation(
    sample: Sample, events: list[dict[str, Any]], *, model: str, run_id: str, lane: TextLane
) -> list[Record]:
    """Records of the sample's messages and of every call that its events tell."""
    model_events = call_events(events, "model")
    event_of = _events_of_messages(sample.messages, model_events)
    tools = {event.id: event for event in call_events(events, "tool") if event.id is not None}
    called = {call.id for message in sample.messages for call in message.tool_calls or ()}
    turns = []
    for place, message in enumerate(sample.messages):
        event = event_of.get(place)
        llm = None
        if event is not None:
            llm = _llm(event, model=model)
        elif message.role == "assistant" and message.source != "input":
            llm = {"request_model": model, "response_model": message.model} | _lone_usage(sample, model_events)
        turns.append(_turn(message, place, event, llm, tools=tools, called=called))
    found = conversation_records(turns, run_id=run_id, lane=lane)
    seen = {id(event) for event in event_of.values()}
    silent = [event for event in model_events if id(event) not in seen]
    return found + _silent_calls(silent, steps=count_of("steps", found), model=model, run_id=run_id)


def _events_of_messages(messages: list[Message], events: list[Event]) -> dict[int, Event]:
    """The model event of each message, by the message's place."""
    made = [place for place, message in enumerate(messages) if _is_made(message)]
    by_id = {event.message.id: event for event in events if event.message is not None and event.message.id}
    matched = {place: event for place in made if (event := by_id.get(messages[place].id or "")) is not None}
    if matched:
        return matched
    own = [event for event in events if event.role is None]
    return dict(zip(made, own, strict=True)) if len(made) == len(own) else {}


def _is_made(message: Message) -> bool:
    """Whether a model made the message; example turns of the input it only read."""
    return message.role == "assistant" and message.source != "input"


def _turn(
    message: Message,
    place: int,
    event: Event | None,
    llm: dict[str, Any] | None,
    *,
    tools: dict[str, Event],
    called: set[str],
) -> Turn:
    if message.role not in _ROLES:
        raise Rejected("bad_enum", f"messages[{place}].role is {message.role[:64]!r}")
    calls = [_call(call.id, call.function, call.arguments, tools) for call in message.tool_calls or ()]
    error = message.error or (ErrorDetails(message.tool_error) if message.tool_error else None)
    answers = [message.tool_call_id] if message.role == "tool" and message.tool_call_id else []
    if answers and answers[0] not in called:
        # Its call is not in the messages (they were cut); the answer alone proves that it was made.
        calls = [_call(answers[0], message.function or "unknown", None, tools)]
    return Turn(
        role=cast(Role, message.role),
        text=_text(message, place),
        calls=calls,
        answers=answers,
        failed=error is not None if answers else None,
        failure=_failure(error),
        llm=llm,
        started_at=event.started_at if event else None,
        at=event.ended_at if event else None,
        latency_ms=event.latency_ms if event else None,
    )


def _text(message: Message, place: int) -> str | None:
    """What was said; a model's reasoning is no part of it."""
    content = message.content
    if isinstance(content, list):
        content = [part for part in content if not (isinstance(part, dict) and part.get("type") == "reasoning")]
    return content_text(content, field=f"messages[{place}].content")


def _call(call_id: str, name: str, arguments: Any, tools: dict[str, Event]) -> Call:
    event = tools.get(call_id)
    text = arguments if arguments is None or isinstance(arguments, str) else json_text(arguments)
    if event is None:
        return Call(call_id, name, text)
    return Call(call_id, name, text, event.started_at, event.ended_at, event.latency_ms)


def _failure(error: ErrorDetails | None) -> Failure | None:
    if error is None:
        return None
    fate: Fate = _FATES.get(error.type or "", "error")
    return Failure(status=fate, error_type=error.type, message=error.message)


def _lone_usage(sample: Sample, events: list[Event]) -> dict[str, Any]:
    """The sample's own usage, where no event tells any and only one message can have used it."""
    made = sum(_is_made(message) for message in sample.messages)
    return usage_columns(sample.output.usage) if sample.output and made == 1 and not events else {}


def _llm(event: Event, *, model: str) -> dict[str, Any]:
    output, config = event.output or Output(), event.config or Config()
    return {
        "request_model": event.model or model,
        "response_model": output.model or None,
        "finish_reason": output.choices[0].stop_reason if output.choices else None,
        "temperature": config.temperature,
        "max_tokens": config.max_tokens,
        "retries": event.retries,
        "provider_cost_usd": output.usage.total_cost if output.usage else None,
        **usage_columns(output.usage),
    }


def _silent_calls(events: list[Event], *, steps: int, model: str, run_id: str) -> list[Record]:
    """A step, an LLM call and perhaps an error for each call of a model that made no message of the conversation."""
    found: list[Record] = []
    for seq, event in enumerate(events, start=steps + 1):
        ids = {"run_id": run_id, "step_id": f"{run_id}/step-{seq}", "seq": seq}
        failed = event.error if isinstance(event.error, str) else None
        status = "ok" if failed is None else "cancelled" if failed in _CANCELLED else "error"
        times = {"started_at": event.started_at, "ended_at": event.ended_at, "latency_ms": event.latency_ms}
        step = ids | times | {"depth": 0, "kind": "llm", "name": event.role, "status": status}
        call = {"llm_call_id": f"{ids['step_id']}/llm", "latency_ms": event.latency_ms, "occurred_at": event.ended_at}
        found += [("steps", step), ("llm_calls", ids | call | _llm(event, model=model))]
        if status == "error":
            error = {"error_id": f"{ids['step_id']}/error", "source": "llm_api", "phase": "llm_call"}
            found.append(("errors", ids | error | {"message": capped(failed or ""), "occurred_at": event.started_at}))
    return found
