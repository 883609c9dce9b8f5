"""One row in three flavours: what each consumer can load without losing or inventing a key.

canonical: fixed struct, arguments as JSON text, absent means null. trl: one JSON value a message, arguments as
objects, absent keys absent, content never null, call ids as the strictest templates want them. openai: JSON lines with
the documented keys only, function names as the provider accepts them.
"""

import hashlib
import re
import string
from typing import Any

import msgspec

from dagster_project.training.datasets import Dataset
from dagster_project.training.texts.conversations import Message

_encode = msgspec.json.Encoder().encode
_CALL_ID = re.compile(r"[A-Za-z0-9]{9}")
_SYMBOLS = string.ascii_letters + string.digits
_NO_FUNCTION_NAME = re.compile(r"[^A-Za-z0-9_-]")
_LONGEST_FUNCTION_NAME = 64


def trl_call_id(call_id: str) -> str:
    """Nine letters and digits: templates of Mistral's models refuse any other id."""
    if _CALL_ID.fullmatch(call_id):
        return call_id
    number = int.from_bytes(hashlib.sha256(call_id.encode(errors="replace")).digest()[:8], "big")
    return "".join(_SYMBOLS[number // len(_SYMBOLS) ** place % len(_SYMBOLS)] for place in range(9))


def openai_function_name(name: str) -> str:
    """At most 64 letters, digits, `_` and `-`: the API refuses a file in which a name has anything else."""
    return _NO_FUNCTION_NAME.sub("_", name)[:_LONGEST_FUNCTION_NAME]


def trl_message(message: Message) -> str:
    """JSON text of a message as chat templates read it: arguments stay the very text they were, as an object."""
    value: dict[str, Any] = {"role": message["role"], "content": message["content"] or ""}
    if message["tool_calls"]:
        value["tool_calls"] = [
            {
                "id": trl_call_id(call["id"]),
                "type": call["type"],
                "function": {
                    "name": call["function"]["name"],
                    "arguments": msgspec.Raw(call["function"]["arguments"].encode()),
                },
            }
            for call in message["tool_calls"]
        ]
    if message["role"] == "tool":
        value["tool_call_id"] = trl_call_id(message["tool_call_id"])
        value["name"] = message["name"]
    return _encode(value).decode()


def openai_line(sides: dict[str, list[Message]], dataset: Dataset, *, label: bool | None = None) -> bytes:
    """One line of JSON, with its line feed.

    `label`: of an unpaired completion, whether it is one to learn; the others get weight 0, as do all earlier turns.
    """
    said = {side: [openai_message(message) for message in messages] for side, messages in sides.items()}
    if dataset.sides == ("prompt", "chosen", "rejected"):
        value: dict[str, Any] = {
            "input": {"messages": said["prompt"]},
            "preferred_output": said["chosen"],
            "non_preferred_output": said["rejected"],
        }
    elif dataset.sides == ("prompt", "completion"):
        messages = [*said["prompt"], *said["completion"]]
        for message in messages:
            if message["role"] == "assistant":
                message["weight"] = 0
        messages[-1]["weight"] = int(bool(label))
        value = {"messages": messages}
    else:
        value = {"messages": said[dataset.sides[0]]}
    return _encode(value) + b"\n"


def openai_message(message: Message) -> dict[str, Any]:
    """The documented keys of the message's role; content is null only beside tool_calls."""
    if message["tool_calls"]:
        return {
            "role": message["role"],
            "content": message["content"] or None,
            "tool_calls": [_openai_call(call) for call in message["tool_calls"]],
        }
    value = {"role": message["role"], "content": message["content"]}
    if message["role"] == "tool":
        value["tool_call_id"] = message["tool_call_id"]
    return value


def _openai_call(call: dict[str, Any]) -> dict[str, Any]:
    function = call["function"] | {"name": openai_function_name(call["function"]["name"])}
    return call | {"function": function}
