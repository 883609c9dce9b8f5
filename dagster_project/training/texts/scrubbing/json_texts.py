"""What keeps JSON text JSON while a part of it is replaced."""

import re
from collections.abc import Iterator
from typing import Any

import msgspec

_NAMED = re.compile(rb'(\\+)"[ \t]{0,3}:[ \t]{0,3}\Z')
"""The end of a member's name in JSON text within JSON text, with the escapes of its quote."""
_LONGEST_NAMED = 24


def is_json_still(before: str, after: str) -> bool:
    """Whether a text that was JSON is it still, and so is every JSON text within it."""
    old = _parsed(before)
    if old is None:
        return True
    new = _parsed(after)
    return new is not None and all(
        is_json_still(one, other)
        for one, other in zip(_texts_in(old), _texts_in(new), strict=False)
        if one != other and one[:1] in ("{", "[", '"')
    )


def _parsed(text: str) -> Any:
    try:
        return msgspec.json.decode(text)
    except (msgspec.DecodeError, RecursionError):
        return None


def _texts_in(value: Any) -> Iterator[str]:
    """The texts of a JSON value, in order; a number is one, for it may become a placeholder."""
    if isinstance(value, dict):
        for one in value.values():
            yield from _texts_in(one)
    elif isinstance(value, list):
        for one in value:
            yield from _texts_in(one)
    else:
        yield value if isinstance(value, str) else ""


def quote_of_number(content: bytes, start: int, end: int) -> bytes:
    """What has to stand around a text in the place of a number: a quote where it is a value of a JSON document, an
    escaped one where that document is a text within another, else nothing.
    """
    before, after = content[start - 1 : start], content[end : end + 1]
    if not before or before not in b":,[ " or (after and after not in b",]} \n") or content[:1] not in (b"{", b"["):
        return b""
    if content[:start].replace(b'\\"', b"").count(b'"') % 2 == 0:
        return b'"'
    named = _NAMED.search(content[max(0, start - _LONGEST_NAMED) : start])
    return named[1] + b'"' if named else b""
