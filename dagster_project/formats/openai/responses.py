"""Answers of OpenAI's newer API: an object with a list `output` of items, as the message a chat would hold."""

from typing import Any

_CALLS = {"function_call": "function", "custom_tool_call": "custom"}
_OUTPUTS = frozenset({"function_call_output", "custom_tool_call_output"})
RESPONSE_KEYS = frozenset({"object", "type", "call_id"})
"""Keys that are read of items that are no chat messages."""


def said_by_response(item: Any) -> Any:
    """A response, or the output of one of its calls, as a chat message with what else it says; else the item."""
    if not isinstance(item, dict) or "role" in item:
        return item
    if item.get("object") == "response" and isinstance(item.get("output"), list):
        return {**item, **message_of(item["output"])}
    if str(item.get("type")) in _OUTPUTS:
        return {**item, "role": "tool", "content": item.get("output"), "tool_call_id": item.get("call_id")}
    return item


def message_of(output: list[Any]) -> dict[str, Any]:
    """The assistant's message: parts of its texts, and its calls. What the model thought is not said."""
    items = [item for item in output if isinstance(item, dict)]
    parts = [
        part
        for item in items
        if item.get("type") == "message" and isinstance(item.get("content"), list)
        for part in item["content"]
    ]
    calls = [
        {"id": item.get("call_id", item.get("id")), "type": kind, kind: {
            "name": item.get("name"), "arguments": item.get("arguments"), "input": item.get("input")}}
        for item in items if (kind := _CALLS.get(str(item.get("type"))))
    ]  # fmt: skip
    return {"role": "assistant", "content": parts or None, "tool_calls": calls or None}
