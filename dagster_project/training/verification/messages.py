"""What must hold of one row's messages. Written against the documents, not with the code that writes rows."""

import re
from collections.abc import Iterable, Iterator
from typing import Any

import msgspec

Message = dict[str, Any]
Found = Iterator[tuple[str, str]]
"""(kind of fault, what was found)"""

ROLES = frozenset({"system", "developer", "user", "assistant", "tool"})


def conversation_faults(messages: list[Message]) -> Found:
    """Faults of a canonical conversation: prompt first, every call answered at once, an assistant turn last."""
    if not messages:
        yield "empty_row", "no messages"
        return
    yield from _instruction_faults(messages)
    if messages[0]["role"] == "assistant":
        yield "no_prompt", "the first message is the assistant's"
    if messages[-1]["role"] != "assistant":
        yield "not_ending_on_assistant", f"the last message is of role {messages[-1]['role']!r}"
    yield from turn_faults(messages)
    yield from _call_faults(messages)


def prompt_faults(messages: list[Message]) -> Found:
    """Faults of a prompt: as a conversation, but the assistant's turn is still to come."""
    if not messages:
        yield "empty_row", "an empty prompt"
        return
    yield from _instruction_faults(messages)
    yield from turn_faults(messages)
    yield from _call_faults([*messages, {"role": "assistant", "tool_calls": None}])


def completion_faults(messages: list[Message]) -> Found:
    """Faults of a chosen or rejected side: exactly one assistant message."""
    others = [message["role"] for message in messages if message["role"] != "assistant"]
    if others:
        yield "turn_in_completion", f"a message of role {others[0]!r}"
    if len(messages) != 1:
        yield "not_one_message", f"{len(messages)} messages instead of one"
    yield from turn_faults(messages)


def turn_faults(messages: list[Message]) -> Found:
    """Faults of each message by itself."""
    for number, message in enumerate(messages):
        role, calls = message["role"], message["tool_calls"]
        if role not in ROLES:
            yield "bad_role", f"message {number} has the role {role!r}"
        if message["content"] is None and not calls:
            yield "null_content", f"message {number} ({role}) has no content and calls no tool"
        speaks = role in ("user", "assistant") and not calls
        if speaks and message["content"] is not None and not message["content"].strip():
            yield "empty_turn", f"message {number}: the {role} says nothing and calls nothing"
        if role != "tool" and message["name"] is not None:
            yield "stray_name", f"message {number} ({role}) has the name {message['name']!r}"
        if calls is not None and (role != "assistant" or not calls):
            yield "bad_tool_calls", f"message {number} ({role}) has {len(calls)} tool calls"
        if (role == "tool") != (message["tool_call_id"] is not None):
            yield "bad_tool_call_id", f"message {number} ({role}) has the tool_call_id {message['tool_call_id']!r}"
        for call in calls or ():
            if not call["id"] or call["type"] != "function" or not (call["function"] or {}).get("name"):
                yield "bad_call", f"message {number} has a call without id, type or name"
            elif len(call["id"]) > 40:
                yield "long_call_id", f"message {number} has a call id of {len(call['id'])} characters"
            elif not isinstance(parsed(call["function"].get("arguments")), dict):
                yield "bad_arguments", f"message {number}: the arguments are no JSON object"


def reasoning_faults(messages: Iterable[Message]) -> Found:
    """What a model thought, left in what it or a tool said: marks outside quoted code, or parts kept as JSON."""
    for number, message in enumerate(messages):
        said = message["content"] or ""
        if message["role"] == "assistant" and _has_marks(said):
            yield "reasoning_left", f"message {number} holds marks of reasoning"
        elif message["role"] in ("assistant", "tool") and said.startswith(("[", "{")) and _holds_thought(parsed(said)):
            yield "reasoning_left", f"message {number} holds parts of reasoning"


def _has_marks(said: str) -> bool:
    # Each mark begins with one of three letters, and most texts hold none of these.
    if "<" not in said and "[" not in said and "◁" not in said:
        return False
    return _THOUGHT.search(_CODE.sub("", said) if "`" in said else said) is not None


def _holds_thought(value: Any) -> bool:
    if isinstance(value, list) and all(isinstance(item, (dict, str)) for item in value):
        return any(isinstance(item, dict) and (_is_thought(item) or _holds_thought(item)) for item in value)
    is_message = isinstance(value, dict) and "role" in value and "content" in value
    return is_message and (bool(_THOUGHT_KEYS & value.keys()) or _holds_thought(value["content"]))


def _is_thought(part: dict[str, Any]) -> bool:
    return part.get("thought") is True or str(part.get("type")).removeprefix("redacted_").startswith(_THOUGHT_TYPES)


def _instruction_faults(messages: list[Message]) -> Found:
    said = [message["content"] for message in messages if message["role"] in ("system", "developer")]
    if len(set(said)) < len(said):
        yield "repeated_instructions", "the same instructions are given twice"


def _call_faults(messages: list[Message]) -> Found:
    """Every call of a message that is not the last is answered by the tool messages right after it, once."""
    if all(message["role"] != "tool" and not message["tool_calls"] for message in messages):
        return
    seen: set[str] = set()
    waiting: set[str] = set()
    for number, message in enumerate(messages):
        if message["role"] == "tool":
            if message["tool_call_id"] not in waiting:
                yield "answer_without_call", f"message {number} answers {message['tool_call_id']!r}"
            waiting.discard(message["tool_call_id"])
            continue
        if waiting:
            yield "call_unanswered", f"before message {number} the call {min(map(str, waiting))!r} waits for its answer"
        ids = [call["id"] for call in message["tool_calls"] or ()]
        if len(set(ids)) < len(ids) or seen & set(ids):
            yield "repeated_call_id", f"message {number} uses the id of another call"
        seen |= set(ids)
        waiting = set(ids)


def parsed(text: Any) -> Any:
    """The JSON value of a text; None for what is none."""
    try:
        return msgspec.json.decode(text)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError, TypeError):
        return None


def essence(message: Message) -> tuple:
    """What a message says, whatever the flavour: role, content, calls (id, name, arguments), answered id."""
    calls = message.get("tool_calls")
    return (
        message.get("role"),
        message.get("content") or "",
        tuple(map(_call_essence, calls)) if calls else (),
        message.get("tool_call_id"),
    )


def _call_essence(call: dict[str, Any]) -> tuple:
    function = call.get("function") or {}
    return call.get("id"), function.get("name"), _plain(function.get("arguments"))


def said(messages: list[Message]) -> list[tuple]:
    """What is said and called, without the ids of calls."""
    return [(role, content, tuple(call[1:] for call in calls)) for role, content, calls, _ in map(essence, messages)]


def _plain(arguments: Any) -> bytes:
    value = parsed(arguments) if isinstance(arguments, str) else arguments
    return msgspec.json.encode(value, order="sorted")


def numbered(essences: Iterable[tuple], numbers: dict[Any, int]) -> list[tuple]:
    """The messages with ids as numbers in the order they appear; `numbers` are those given before, and grow."""

    def number(call_id: Any) -> Any:
        return None if call_id is None else numbers.setdefault(call_id, len(numbers))

    return [
        (role, content, tuple((number(id_), *call) for id_, *call in calls) if calls else (), number(answered))
        for role, content, calls, answered in essences
    ]


def with_openai_names(essences: Iterable[tuple]) -> list[tuple]:
    """The messages with function names as the openai flavour has to write them."""
    return [
        (
            role,
            content,
            tuple((id_, _WRONG.sub("_", name or "")[:64], said) for id_, name, said in calls) if calls else (),
            answered,
        )
        for role, content, calls, answered in essences
    ]


_CODE = re.compile(r"```.*?```|`[^`\n]{1,80}`", re.DOTALL)
_THOUGHT = re.compile(
    r"</ ?(?:[a-z]+:)?(?:think(?:ing)?|thoughts?|reasoning|scratchpad|inner_monologue)>|^\s*<think(?:ing)?>"
    r"|\[/?THINK\]|<\|(?:START|END)_THINKING\|>|<\|(?:begin|end)_of_thought\|>|◁/?think▷|<\|channel\|>analysis",
    re.IGNORECASE | re.MULTILINE,
)
_THOUGHT_TYPES = ("thinking", "reasoning", "thought")
_THOUGHT_KEYS = {"reasoning", "reasoning_content", "reasoning_details", "thinking", "thinking_blocks"}
_NINE = re.compile(r"[A-Za-z0-9]{9}")
_FUNCTION_NAME = re.compile(r"[A-Za-z0-9_-]{1,64}")
_WRONG = re.compile(r"[^A-Za-z0-9_-]")
_CALL_KEYS = {"id", "type", "function"}
_TRL_KEYS = {"role", "content", "tool_calls", "tool_call_id", "name"}
_OPENAI_KEYS = {
    "assistant": {"role", "content", "tool_calls"},
    "tool": {"role", "content", "tool_call_id"},
}


def trl_message_faults(message: Any) -> Found:
    """Faults of one JSON message of the trl flavour."""
    if not isinstance(message, dict) or not isinstance(message.get("content"), str):
        yield "bad_trl_message", "no object with a text as content"
        return
    if not message.keys() <= _TRL_KEYS:
        yield "unknown_key", f"{min(message.keys() - _TRL_KEYS)!r}"
    if None in message.values() or [] in message.values():
        yield "null_or_empty_key", "a key that should be absent"
    if "tool_call_id" in message and not _NINE.fullmatch(str(message["tool_call_id"])):
        yield "bad_call_id", f"the answered id {message['tool_call_id']!r} is not of nine letters and digits"
    for call in message.get("tool_calls") or ():
        if not isinstance(call, dict) or call.keys() != _CALL_KEYS or not isinstance(call["function"], dict):
            yield "bad_call", "a call without id, type or function"
        elif not isinstance(call["function"].get("arguments"), dict):
            yield "bad_arguments", "the arguments are no object"
        elif not _NINE.fullmatch(str(call["id"])):
            yield "bad_call_id", f"the call id {call['id']!r} is not of nine letters and digits"


def openai_message_faults(message: Any, *, may_weigh: bool = False) -> Found:
    """Faults of one message of the openai flavour; `may_weigh`: assistant turns may have a weight."""
    if not isinstance(message, dict) or message.get("role") not in ROLES:
        yield "bad_role", "no object with a known role"
        return
    allowed = _OPENAI_KEYS.get(message["role"], {"role", "content"})
    if may_weigh and message["role"] == "assistant":
        allowed = allowed | {"weight"}
    if not message.keys() <= allowed:
        yield "unknown_key", f"{min(message.keys() - allowed)!r} in a message of role {message['role']!r}"
    if message.get("content") is None and "tool_calls" not in message:
        yield "null_content", f"a message of role {message['role']!r} without content"
    others = [value for key, value in message.items() if key != "content"]
    if None in others or [] in others:
        yield "null_or_empty_key", "a key that should be absent"
    for call in message.get("tool_calls") or ():
        if not isinstance(call, dict) or call.keys() != _CALL_KEYS or not isinstance(call["function"], dict):
            yield "bad_call", "a call without id, type or function"
        elif call["function"].keys() != {"name", "arguments"} or not isinstance(call["function"]["arguments"], str):
            yield "bad_arguments", "the arguments are no text"
        elif not _FUNCTION_NAME.fullmatch(str(call["function"]["name"])):
            yield "bad_function_name", f"the provider refuses the name {call['function']['name']!r}"
