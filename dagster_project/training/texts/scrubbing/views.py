"""A text as a reader would take it: without invisible characters, colours, broken lines, and codes of letters.

Every byte of the view knows which bytes of the text it stands for, so that a find in the view is replaced in the text.
"""

import base64
import binascii
from collections.abc import Iterator

import re2

Span = tuple[int, int]

_ZERO_WIDTH = r"[\x{200b}-\x{200f}\x{2060}\x{feff}\x{ad}]|\\+u(?:200[b-fB-F]|2060|[fF][eE][fF][fF]|00[aA][dD])"
# A backslash that ends a line, as it stands, or in JSON text within one, two or three strings.
_CONTINUATION = r"\\\r?\n|(?:\\{3}|\\{6}|\\{12})n"
_PERCENT = r"%[2-7][0-9A-Fa-f]"
# A letter of ASCII as JSON may write it, also within JSON text that is a string of another.
_ESCAPED = r"\\+u00[2-7][0-9A-Fa-f]"
# The same in pages of the web.
_ENTITY = r"&#(?:0{0,4}(?:3[2-9]|[4-9][0-9]|1[01][0-9]|12[0-6])|[xX]0{0,4}[2-7][0-9A-Fa-f]);"
# What colours the output of a terminal stands right before a word, and looks like a part of it.
_COLOUR = r"(?:\x1b|\\+u001[bB]|\\+x1[bB]|\\+033)\[[0-9;]{0,16}[A-Za-z]"
_HIDING = re2.compile("|".join([_ZERO_WIDTH, _CONTINUATION, _PERCENT, _ESCAPED, _ENTITY, _COLOUR]).encode())
_WRITTEN_OUT = re2.compile(rb"(?:%|\\+u00|&#[xX]0*)([2-7][0-9A-Fa-f]);?|&#0*([0-9]+);")
_BASE64 = re2.compile(rb"[A-Za-z0-9+/_-]{16,}={0,2}")
_CLOSING = b"=" * 2


class View:
    """The bytes of a view, and for each of them the span of the text that it stands for."""

    def __init__(self, content: bytes, starts: list[int], ends: list[int]) -> None:
        self.content = content
        self._starts = starts
        self._ends = ends

    def span(self, start: int, end: int) -> Span:
        """The bytes of the text behind these bytes of the view."""
        return self._starts[start], self._ends[end - 1]


def plain_view(text: bytes) -> View | None:
    """The text without what hides its content; None where nothing does."""
    # Each way to hide takes one of these signs, or a letter beyond ASCII.
    if text.isascii() and not any(sign in text for sign in (b"%", b"\\", b"&#", b"\x1b")):
        return None
    hidden = [match.span() for match in _HIDING.finditer(text)]
    if not hidden:
        return None
    content = bytearray()
    starts: list[int] = []
    ends: list[int] = []
    position = 0
    for start, end in [*hidden, (len(text), len(text))]:
        content += text[position:start]
        starts += range(position, start)
        ends += range(position + 1, start + 1)
        if (code := _WRITTEN_OUT.fullmatch(text[start:end])) is not None:
            content.append(int(code[1], 16) if code[1] else int(code[2]))
            starts.append(start)
            ends.append(end)
        position = end
    return View(bytes(content), starts, ends)


def base64_texts(text: bytes) -> Iterator[tuple[Span, bytes]]:
    """Stretches of base64 that hold readable text, with that text."""
    for match in _BASE64.finditer(text):
        token = match.group().rstrip(b"=")
        # What looks like a sign of base64 may be the mark of an added line or a part of a path.
        decoded = _decoded(token) or _decoded(token[1:] if token[:1] in b"+/-_" else b"")
        if decoded:
            yield match.span(), decoded


def _decoded(token: bytes) -> bytes | None:
    if len(token) % 4 == 1 or token.isdigit():
        return None
    try:
        decoded = base64.b64decode(
            token + _CLOSING[: -len(token) % 4], altchars=b"-_" if b"-" in token or b"_" in token else None
        )
    except (binascii.Error, ValueError):
        return None
    is_text = decoded.isascii() and all(byte >= 32 or byte in b"\t\r\n" for byte in decoded)
    return decoded if is_text else None
