"""From the parts of a conversation, in order, to messages as every flavour needs them.

A part is a message, or one tool call of the message before it. Belongs here: folding and normalising one row's
messages. Does not: where parts come from, how messages are written. A message is a dict with the keys of
`datasets.MESSAGE`; nothing is ever added that the log does not hold.
"""

import hashlib
from collections.abc import Iterable
from typing import Any, NamedTuple

import msgspec

from dagster_project.training.texts.reasoning import marked, visible
from dagster_project.training.texts.scrubbing import residue

Message = dict[str, Any]

MAX_CALL_ID = 40
"""Characters; providers refuse longer ids."""


class Part(NamedTuple):
    """One message (`call_number` 0) or one of its tool calls; `text` is its content or its arguments."""

    side: str
    seq: int
    call_number: int
    role: str
    tool_call_id: str | None
    tool_name: str | None
    needs_text: bool
    text: str | None


class RefusedError(Exception):
    """This row cannot be exported; `reason` goes to refusals.parquet."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def fold_messages(parts: Iterable[Part], *, keeps_reasoning: bool = False) -> dict[str, list[Message]]:
    """Messages by side, without what the model thought unless that is asked for.

    Raises RefusedError: text_missing, arguments_not_an_object, only_reasoning, empty_message, answer_without_call,
    repeated_instructions.
    """
    parts = list(parts)
    if any(part.needs_text and part.text is None for part in parts):
        raise RefusedError("text_missing")
    sides: dict[str, list[Message]] = {}
    for part in parts:
        if part.call_number == 0:
            sides.setdefault(part.side, []).append(_message(part))
        else:
            _add_call(sides[part.side][-1], part)
    for side, messages in sides.items():
        sides[side] = messages = _without_reasoning(messages, keeps_reasoning=keeps_reasoning)
        # What follows a prompt is one conversation with it; the sides that follow it do not know of each other.
        _normalise(messages, before=sides.get("prompt", []) if side != "prompt" else [])
    return sides


def _message(part: Part) -> Message:
    return {
        "role": part.role,
        "content": part.text,
        "tool_calls": None,
        "tool_call_id": part.tool_call_id if part.role == "tool" else None,
        "name": None,
    }


def _add_call(message: Message, part: Part) -> None:
    function = {"name": part.tool_name, "arguments": _checked_arguments(part.text)}
    message["tool_calls"] = [
        *(message["tool_calls"] or ()),
        {"id": part.tool_call_id, "type": "function", "function": function},
    ]


def _checked_arguments(text: str | None) -> str:
    """The arguments' own text when it is a JSON object; no text at all is a call without arguments."""
    if not text:
        return "{}"
    try:
        is_object = isinstance(msgspec.json.decode(text), dict)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
        is_object = False
    if not is_object:
        raise RefusedError("arguments_not_an_object")
    return text


def _without_reasoning(messages: list[Message], *, keeps_reasoning: bool) -> list[Message]:
    """The messages as they were said. A turn of nothing but thoughts goes if the assistant speaks on after it."""
    kept = []
    for message, following in zip(messages, [*messages[1:], None], strict=True):
        read = marked if keeps_reasoning else visible
        said = read(message["content"], role=message["role"], is_calling=bool(message["tool_calls"]))
        if message["role"] == "tool" and message["content"] is not None:
            said = said or ""
        elif not said and message["content"] and not message["tool_calls"]:
            if following is None or following["role"] != "assistant":
                raise RefusedError("only_reasoning")
            continue
        message["content"] = said
        kept.append(message)
    return kept


def _normalise(messages: list[Message], *, before: list[Message]) -> None:
    """Give every call of the conversation an id of its own, and its answer that id and the tool's name."""
    taken = {call["id"] for message in before for call in message["tool_calls"] or ()}
    instructions = [message["content"] for message in messages if message["role"] in ("system", "developer")]
    if len(set(instructions)) < len(instructions):
        raise RefusedError("repeated_instructions")
    open_calls: dict[str, tuple[str, str]] = {}
    for message in messages:
        if message["role"] == "tool":
            answered = open_calls.pop(message["tool_call_id"], None)
            if answered is None:
                raise RefusedError("answer_without_call")
            message["tool_call_id"], message["name"] = answered
        else:
            open_calls = {}
        for call in message["tool_calls"] or ():
            unique = _unused(call["id"], taken)
            taken.add(unique)
            open_calls[call["id"]] = (unique, call["function"]["name"])
            call["id"] = unique
        if message["content"] is None and not message["tool_calls"]:
            raise RefusedError("empty_message")
        is_said = message["role"] in ("user", "assistant") and not message["tool_calls"]
        if is_said and not message["content"].strip():
            raise RefusedError("empty_message")


def _unused(call_id: str, taken: set[str]) -> str:
    """The id itself, or the first of `id-2`, `id-3`, ... that no call of the conversation has.

    An id that is too long, or tells a secret, is replaced by its hash; ids mean nothing but which answer belongs to
    which call.
    """
    if len(call_id) > MAX_CALL_ID - 4 or residue(call_id):
        call_id = f"call_{hashlib.sha256(call_id.encode()).hexdigest()[:24]}"
    number, unique = 1, call_id
    while unique in taken:
        number += 1
        unique = f"{call_id}-{number}"
    return unique
