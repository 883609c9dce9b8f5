"""Spans and log records out of OTLP protobuf: messages that hold `resource_spans` or `resource_logs`, bare (one after
the other, as protobuf itself allows) or each behind its length, a varint or four bytes as collectors write them. Both
kinds have the same fields around a record.

A message is walked by its field lengths, never held or parsed. After a length that cannot be right, it goes on at
the next bytes that begin like a span of the same scope, else after the message that the field lies in.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from typing import Literal

from dagster_project.landing.reading.framing import Piece
from dagster_project.landing.reading.framing.enclosing import EnclosedUnits
from dagster_project.landing.reading.framing.protobuf_fields import TornError, read_field, read_varint
from dagster_project.landing.reading.framing.window import Window
from dagster_project.settings import Settings

Delimiter = Literal["none", "varint", "fixed"]
Walk = Callable[[int, int], Iterator[Piece]]

# Field numbers of a message, of ResourceSpans and of ScopeSpans.
_RESOURCE_SPANS = 1
_RESOURCE, _SCOPE_SPANS = 1, 2
_SCOPE, _SPANS = 1, 2
_SCHEMA_URL = 3
# A span begins with its trace id of 16 bytes and its span id of 8, a log record with a time between 2001 and 2109.
_LENGTH = rb"\x12[\x80-\xff]{0,3}[\x00-\x7f]"
_TIME = rb".{7}[\x0d-\x3d]"
_SPAN = rb"\x0a\x10.{16}\x12\x08"
_LOG_RECORD = rb"\x09" + _TIME + rb"(?:\x10[\x00-\x18]|[\x1a\x2a\x32\x4a\x52\x62]|\x59" + _TIME + rb")"
_RECORD = re.compile(_LENGTH + rb"(?:" + _SPAN + rb"|" + _LOG_RECORD + rb")", re.DOTALL)
_RECORD_BEGINNING_BYTES = 25
_SPAN_ID_TAG, _LOG_TAGS = 0x12, frozenset({0x09, 0x10, 0x59})
_ENDS_INSIDE = "the file ends inside a span"
_UNKNOWN_END = 1 << 62


class TelemetryProtobufSplitter:
    """One pass over one stream. Ends are offsets in the stream."""

    def __init__(self, blocks: Iterable[bytes], *, limits: Settings) -> None:
        self.window = Window(blocks)
        self.limit = limits.max_unit_bytes
        self.units = EnclosedUnits(limits=limits)

    def split(self) -> Iterator[Piece]:
        window = self.window
        window.holds(3)
        delimiter = delimiter_of(window.buffer[:3])
        while window.holds(1):
            window.begin()
            try:
                end = _UNKNOWN_END if delimiter == "none" else self._message_end(delimiter)
            except TornError:
                yield from self._broken_to(_UNKNOWN_END, detail="the file ends inside the length of a message")
            else:
                yield from self._walk(end, self._message_field)
        yield from self.units.end()

    def _message_end(self, delimiter: Delimiter) -> int:
        window = self.window
        if delimiter == "varint":
            length = read_varint(window)
            return window.position + length
        if not window.holds(4):
            raise TornError
        window.at += 4
        return window.position + int.from_bytes(window.buffer[window.at - 4 : window.at], "big")

    def _walk(self, end: int, take: Walk, *, spans_lie_here: bool = False) -> Iterator[Piece]:
        """Let `take` read every field until the end."""
        window = self.window
        while window.position < end and window.holds(1):
            window.begin()
            try:
                yield from take(*read_field(window, end))
            except TornError:
                yield from self._leave_behind(end, spans_lie_here=spans_lie_here)

    def _message_field(self, number: int, end: int) -> Iterator[Piece]:
        if number != _RESOURCE_SPANS:
            yield from self._foreign(end)
            return
        self.units.open("resource")
        yield from self._walk(end, self._resource_field)
        yield from self.units.close("resource")

    def _resource_field(self, number: int, end: int) -> Iterator[Piece]:
        if number == _SCOPE_SPANS:
            self.units.open("scope")
            yield from self._walk(end, self._scope_field, spans_lie_here=True)
            yield from self.units.close("scope")
        else:
            yield from self._around("resource" if number == _RESOURCE else "", number, end)

    def _scope_field(self, number: int, end: int) -> Iterator[Piece]:
        if number == _SPANS:
            yield from self._span(end)
        else:
            yield from self._around("scope" if number == _SCOPE else "", number, end)

    def _around(self, level: str, number: int, end: int) -> Iterator[Piece]:
        """What stands around spans, or a field that says nothing of them."""
        if level and self._is_at_hand(end):
            window = self.window
            window.begin()
            window.at += end - window.position
            self.units.learn(level, window.taken()[0])
        elif number == _SCHEMA_URL:
            self._pass_to(end)
        else:
            yield from self._foreign(end)

    def _span(self, end: int) -> Iterator[Piece]:
        window = self.window
        window.begin()
        if self._is_at_hand(end):
            window.at += end - window.position
            raw, offset = window.taken()
            if _RECORD.search(raw, 1) and not _is_one_record(raw):
                raise TornError  # its length is too large: it took others in
            yield from self.units.add(raw, offset, is_enclosed=True)
            return
        detail = f"{end - window.position} bytes, more than {self.limit}"
        yield from self._broken_to(end, reason="too_large", detail=detail)

    def _foreign(self, end: int) -> Iterator[Piece]:
        """Bytes that cannot be used, but are not ours to drop."""
        yield from self._broken_to(end, detail="a field that OTLP traces and logs do not have, or too large a one")

    def _is_at_hand(self, end: int) -> bool:
        """Whether the bytes up to the end are few enough to be kept, and all there."""
        length = end - self.window.position
        return length <= self.limit and self.window.holds(length)

    def _pass_to(self, end: int) -> bool:
        """Let everything up to the end pass; False when the stream ends before."""
        window = self.window
        while window.position < end:
            if not window.holds(1):
                return False
            window.at = min(len(window.buffer), window.at + end - window.position)
            window.let_pass()
        return True

    def _broken_to(self, end: int, *, detail: str, reason: str = "format_error") -> Iterator[Piece]:
        """Everything since the mark up to the end as a unit that could not be cut out."""
        is_whole = self._pass_to(end)
        if not is_whole:
            reason, detail = "format_error", detail if end == _UNKNOWN_END else _ENDS_INSIDE
        broken = self.window.broken(0, reason=reason, detail=detail, is_tail=not is_whole)
        yield from self.units.add_broken(broken)

    def _leave_behind(self, end: int, *, spans_lie_here: bool) -> Iterator[Piece]:
        """Go on at the next span before the end, else at the end."""
        window = self.window
        detail = "a field is longer than what it lies in, or is none"
        if not spans_lie_here:
            window.at = window.mark
            yield from self._broken_to(end, detail=detail)
            return
        window.at = window.mark + 1
        while True:
            stop = min(len(window.buffer), window.at + end - window.position)
            found = _RECORD.search(window.buffer, window.at, stop)
            if found or stop < len(window.buffer):
                break
            window.at = max(window.at, stop - _RECORD_BEGINNING_BYTES)
            window.let_pass()
            if not window.more():
                break
        if found:
            window.at = found.start()
            yield from self.units.add_broken(window.broken(0, reason="format_error", detail=detail))
        else:
            yield from self._broken_to(end, detail=detail)


def _is_one_record(raw: bytes) -> bool:
    """Whether its fields follow each other to the very end, and are those of one: a span has one span id, and where it
    is, a record that was taken in would show, too; a log record has a number of that place."""
    window = Window([raw])
    tags: list[int] = []
    try:
        while window.holds(1):
            tags.append(window.buffer[window.at])
            _, end = read_field(window, len(raw))
            window.at += end - window.position
    except TornError:
        return False
    return tags.count(_SPAN_ID_TAG) == (0 if not _LOG_TAGS.isdisjoint(tags) else 1)


def delimiter_of(start: bytes) -> Delimiter:
    """How messages follow each other in a file that begins with these three bytes.

    Four length bytes begin with a zero (no message reaches 16 MiB). A bare message begins with field 1, and that in
    turn with a message or a text, which a length of 10 cannot be followed by.
    """
    if start[:1] == b"\0":
        return "fixed"
    is_long = len(start) > 1 and start[1] > 0x7F
    is_bare = start[:1] == b"\x0a" and (is_long or start[2:3] in (b"", b"\x0a", b"\x12", b"\x1a"))
    return "none" if is_bare else "varint"


def split(blocks: Iterable[bytes], *, limits: Settings) -> Iterator[Piece]:
    """The spans and log records; `raw` is the record's message, `enclosure` those of resource and scope around it."""
    return TelemetryProtobufSplitter(blocks, limits=limits).split()
