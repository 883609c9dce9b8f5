"""Messages that older writers tell as events of a span: one event a message, or one for all of a prompt.

The event's name is the role; its text is in `content`, in the JSON of `gen_ai.event.content`, or, of a choice, in
`message`. Some writers keep the same events as JSON in the span's attribute `events`.
"""

from typing import Any

import msgspec

from dagster_project.formats.otlp.conventions import Reader
from dagster_project.formats.otlp.span import Attributes, Span
from dagster_project.formats.otlp.values import listed, parsed
from dagster_project.formats.text_lane import json_text

CHOICE_EVENT = "gen_ai.choice"
ROLE_EVENTS = {
    "gen_ai.system.message": "system", "gen_ai.user.message": "user", "gen_ai.assistant.message": "assistant",
    "gen_ai.tool.message": "tool", CHOICE_EVENT: "assistant",
}  # fmt: skip
# One event for all messages of a prompt, one for all answers: the attribute that holds them.
LIST_EVENTS = {"gen_ai.content.prompt": "gen_ai.prompt", "gen_ai.content.completion": "gen_ai.completion"}
MESSAGE_EVENTS = frozenset({*ROLE_EVENTS, *LIST_EVENTS})
_LISTED_EVENTS = "events"
_BODY = "gen_ai.event.content"
# Keys that are read, or that repeat what the span says.
_READ = frozenset(
    {"content", "message", "role", "id", "tool_calls", _BODY, *LIST_EVENTS.values(),
     "gen_ai.system", "gen_ai.provider.name", "event.name", "gen_ai.message.index"}
)  # fmt: skip


class Told(msgspec.Struct):
    """The messages of events, still as JSON objects with role and content: `inputs` were sent, `outputs` answered."""

    inputs: list[Any] = []
    outputs: list[Any] = []


def told_by_events(span: Span, reader: Reader) -> Told:
    """What the span's events tell, else those kept in an attribute."""
    events = [(event.name, event.attributes) for event in span.events if event.name in MESSAGE_EVENTS]
    if not events:
        kept = listed(reader.attributes, _LISTED_EVENTS, set())
        events = [(str(event.get("event.name")), event) for event in kept if type(event) is dict]
        events = [(name, attributes) for name, attributes in events if name in ROLE_EVENTS]
        if events:
            reader.taken.add(_LISTED_EVENTS)
    told = Told()
    for name, attributes in events:
        found = _of_list(name, attributes) if name in LIST_EVENTS else [_of_role(name, attributes)]
        is_answer = name in (CHOICE_EVENT, "gen_ai.content.completion")
        (told.outputs if is_answer else told.inputs).extend(found)
    return told


def rest_of(attributes: Attributes) -> Attributes:
    """What no message takes of an event's attributes."""
    return {key: value for key, value in attributes.items() if key not in _READ}


def _of_role(name: str, attributes: Attributes) -> dict[str, Any]:
    body = parsed(attributes.get(_BODY))
    said = {**attributes, **body} if type(body) is dict else dict(attributes)
    if name == CHOICE_EVENT:
        message = parsed(said.get("message"))
        said = message if type(message) is dict else {"content": said.get("message", said.get("content")), **said}
    calls = parsed(said.get("tool_calls"))
    ids = [call.get("id") for call in calls if type(call) is dict] if type(calls) is list else []
    if name == "gen_ai.tool.message":
        ids = [said.get("id", said.get("tool_call_id"))]
    content = said.get("content")
    return {
        "role": ROLE_EVENTS[name] if name != "gen_ai.system.message" else said.get("role") or "system",
        "content": content if content is None or type(content) in (str, list) else json_text(content),
        "call_ids": [call_id for call_id in ids if type(call_id) is str and call_id],
    }


def _of_list(name: str, attributes: Attributes) -> list[dict[str, Any]]:
    value = attributes.get(LIST_EVENTS[name])
    messages = parsed(value)
    role = "user" if name == "gen_ai.content.prompt" else "assistant"
    if type(messages) is list:
        return [{"role": role, **message} for message in messages if type(message) is dict]
    return [{"role": role, "content": value if type(value) is str else json_text(value)}] if value is not None else []
