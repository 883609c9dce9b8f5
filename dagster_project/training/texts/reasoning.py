"""What a model thought, within what it said: typed parts, fields of a message, and blocks between marks.

Exports leave it out: outcomes were verified, thoughts were not. Text in quotes of code stays what it is.
"""

import re
from collections.abc import Iterator
from itertools import pairwise
from typing import Any, NamedTuple

import msgspec

_THINKING_KIND = re.compile(r"(?:^|[._-])(?:redacted[._-])?(?:think|reason|thought)", re.IGNORECASE)
_THINKING_KEYS = frozenset(
    {"reasoning", "reasoning_content", "reasoning_details", "reasoning_text", "thinking", "thinking_blocks", "thoughts"}
)
_CALL_KINDS = frozenset({"tool_use", "server_tool_use", "tool_call", "tool-call", "toolCall", "function_call"})
_CALL_KEYS = frozenset({"tool_calls", "function_call"})

_NAMES = r"(?:[a-z]+:)?(?:think|thinking|antthinking|thoughts?|reasoning|scratchpad|inner_monologue)"
_LT, _GT = r"(?:<|&lt;)", r"(?:>|&gt;)"
_OPENING = rf"{_LT}{_NAMES}(?:\s[^<>\n]*)?{_GT}|\[THINK\]|<\|START_THINKING\|>|<\|begin_of_thought\|>|◁think▷"
_CLOSING = rf"{_LT}/\s*{_NAMES}\s*{_GT}|\[/THINK\]|<\|END_THINKING\|>|<\|end_of_thought\|>|◁/think▷"
_CODE = r"```.*?```|`[^`\n]{1,80}`"
_MARK = re.compile(rf"(?P<opening>{_OPENING})|(?P<closing>{_CLOSING})", re.IGNORECASE)
_MARK_OR_CODE = re.compile(rf"(?P<code>{_CODE})|{_MARK.pattern}", re.IGNORECASE | re.DOTALL)
_CHANNEL = "<|channel|>"
_ANALYSIS = re.compile(
    r"(?:<\|start\|>assistant)?<\|channel\|>\s*analysis.*?(?:<\|end\|>|(?=<\|start\|>|<\|channel\|>)|\Z)", re.DOTALL
)
_FINAL = re.compile(r"(?:<\|start\|>assistant)?<\|channel\|>\s*final\s*<\|message\|>|<\|return\|>\Z")
_ANSWER = re.compile(r"<(?:answer|solution|execute|action|final|response|output|tool_call|function_calls?|invoke)\b")
_MENTIONS = ("think", "reason", "thought", "THINK", "tool", "function_call")
_MAY_HOLD_MARKS = ("<", "◁", "[think]", "[THINK]", "[/THINK]", "&lt;")


class _Block(NamedTuple):
    """A stretch of a text that is reasoning."""

    first: int
    last: int


def visible(text: str | None, *, role: str, is_calling: bool) -> str | None:
    """What is left of a message without its reasoning; None for nothing.

    `is_calling`: whether the message's calls are known beside it, so that parts which repeat them say nothing more.
    """
    if not text or role not in ("assistant", "tool"):
        return text
    parts = _parts_of(text, is_calling=is_calling)
    if parts is not None:
        return _said(parts, is_calling=is_calling)
    return text if role == "tool" else without_blocks(text) or None


def marked(text: str | None, *, role: str, is_calling: bool) -> str | None:
    """The message with its reasoning, between `<think>` and `</think>` wherever it stood in parts of its own."""
    parts = _parts_of(text, is_calling=is_calling) if text and role == "assistant" else None
    if parts is None:
        return text
    thoughts = "\n".join(thought for part in parts if _is_thinking(part) for thought in _texts_of(part))
    said = _said(parts, is_calling=is_calling)
    return "\n\n".join(one for one in (f"<think>\n{thoughts}\n</think>" if thoughts else "", said) if one) or None


def _parts_of(text: str, *, is_calling: bool) -> list[dict[str, Any]] | None:
    """The parts of a message that was kept as JSON, if some of them are not said; None for any other text."""
    if not text.lstrip().startswith(("[", "{")) or not any(word in text for word in _MENTIONS):
        return None
    try:
        value = msgspec.json.decode(text)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
        return None
    parts = list(_flattened(value))
    if all(isinstance(part, dict) for part in parts) and any(
        _has_thinking(part) or (is_calling and part.get("type") in _CALL_KINDS) for part in parts
    ):
        return parts
    return None


def _flattened(value: Any) -> Iterator[Any]:
    """Parts of a list; of a whole message its fields as parts, and those of its content."""
    if isinstance(value, list):
        for item in value:
            yield from [{"type": "text", "text": item}] if isinstance(item, str) else _flattened(item)
    elif isinstance(value, dict) and ("role" in value or value.get("type") == "message") and "content" in value:
        yield from ({"type": "thinking", "thinking": value[key]} for key in value if key in _THINKING_KEYS)
        content = value["content"]
        yield from _flattened([content] if isinstance(content, str) else content or [])
        yield from ({"type": "tool_call", key: value[key]} for key in value if key in _CALL_KEYS and value[key])
    else:
        yield value


def _is_thinking(part: dict[str, Any]) -> bool:
    kind = part.get("type")
    return part.get("thought") is True or (isinstance(kind, str) and bool(_THINKING_KIND.search(kind)))


def _has_thinking(part: dict[str, Any]) -> bool:
    text = part.get("text")
    return _is_thinking(part) or (isinstance(text, str) and without_blocks(text) != text)


def _said(parts: list[dict[str, Any]], *, is_calling: bool) -> str | None:
    """The parts that are no reasoning: as text if all of them are texts, else as the JSON they are."""
    said = [part for part in parts if not _is_thinking(part)]
    if is_calling:
        said = [part for part in said if part.get("type") not in _CALL_KINDS]
    texts = [part.get("text") for part in said]
    plain = [without_blocks(text) if isinstance(text, str) else None for text in texts]
    if None in plain:
        found = zip(said, plain, strict=True)
        return msgspec.json.encode([part if text is None else {**part, "text": text} for part, text in found]).decode()
    return "\n".join(text for text in plain if text) or None


def _texts_of(value: Any) -> Iterator[str]:
    """The readable texts of a part of reasoning: no signature, nothing encrypted."""
    if isinstance(value, list):
        for item in value:
            yield from _texts_of(item)
    elif isinstance(value, dict):
        for key in ("thinking", "reasoning", "text", "summary", "content"):
            found = value.get(key)
            yield from [found] if isinstance(found, str) else _texts_of(found)


def without_blocks(text: str) -> str:
    """The text without what stands between marks of reasoning."""
    if _CHANNEL in text:
        text = _FINAL.sub("", _ANALYSIS.sub("", text)) if _ANALYSIS.search(text) else text
    blocks = _blocks(text) if any(mark in text for mark in _MAY_HOLD_MARKS) else []
    if not blocks:
        return text
    edges = [_Block(0, 0), *blocks, _Block(len(text), len(text))]
    kept = [text[before.last : after.first].strip() for before, after in pairwise(edges)]
    return without_blocks("\n\n".join(one for one in kept if one))


def _blocks(text: str) -> list[_Block]:
    """Stretches of reasoning, one after the other; what is open at the end goes on to an answer's mark or the end.

    A mark that closes what never began ends what a template opened. In the midst of a line an opening mark that is
    never closed is only spoken of.
    """
    blocks: list[_Block] = []
    at = 0
    while mark := _next_mark(text, at):
        if mark["closing"]:
            at = mark.end()
            blocks = [_Block(0, at)]
            continue
        end = _end_of_block(text, mark.end())
        is_word = not mark[0].startswith(("[", "<|", "◁"))
        if end is None and is_word and text[: mark.start()].rpartition("\n")[2].strip():
            at = mark.end()
            continue
        if end is None:
            answer = _ANSWER.search(text, mark.end())
            end = answer.start() if answer else len(text)
        blocks.append(_Block(mark.start(), end))
        at = end
    return blocks


def _next_mark(text: str, at: int) -> re.Match[str] | None:
    """The next mark that is not quoted as code."""
    return next((found for found in _MARK_OR_CODE.finditer(text, at) if not found["code"]), None)


def _end_of_block(text: str, at: int) -> int | None:
    """Where the block that began before ends, blocks within it included; of more openings than ends, at the last."""
    depth, end = 1, None
    for mark in _MARK.finditer(text, at):
        depth += 1 if mark["opening"] else -1
        end = end if mark["opening"] else mark.end()
        if depth == 0:
            break
    return end
