r"""Lines: split on `\n` only. A `\r` before it is white space; a byte order mark may open the stream."""

import hashlib
from collections.abc import Iterable, Iterator

import msgspec
import numpy as np

from dagster_project.formats.base import Unit
from dagster_project.landing.reading.framing import PREFIX_BYTES, Blank, Broken, Piece
from dagster_project.settings import Settings

BYTE_ORDER_MARK = b"\xef\xbb\xbf"
STRETCH_BYTES = 2 << 20
"""About how much is cut into lines at once."""
_NEWLINE = ord("\n")
_EIGHT = 8


class Stretch(msgspec.Struct, frozen=True):
    """Whole lines: `data` begins at `byte_offset`, after `lines_before` lines; `ends` are their newlines' places."""

    data: bytes
    ends: np.ndarray
    byte_offset: int
    lines_before: int

    def bounds(self) -> tuple[np.ndarray, np.ndarray]:
        """Where each line begins in `data`, and where its newline is."""
        return np.append(0, self.ends[:-1] + 1), self.ends

    def pieces(
        self, starts: Iterable[int], ends: Iterable[int], numbers: Iterable[int], *, limit: int
    ) -> Iterator[Piece]:
        """Some lines of the stretch, one by one; `numbers` count from 1 in it."""
        data, first, before = self.data, self.byte_offset, self.lines_before
        for start, end, number in zip(starts, ends, numbers, strict=True):
            line = data[start:end]
            if line[:1] == b"{" and len(line) <= limit:  # nearly always; the rest of the cases below
                yield Unit(line, before + number, first + start, before + number)
            else:
                yield _piece(line, before + number, first + start, limit=limit)


def split(blocks: Iterable[bytes], *, limits: Settings, byte_offset: int = 0, lines_before: int = 0) -> Iterator[Piece]:
    """The stream's lines, one by one; see `stretches`."""
    for found in stretches(blocks, limits=limits, byte_offset=byte_offset, lines_before=lines_before):
        if isinstance(found, Stretch):
            starts, ends = (bound.tolist() for bound in found.bounds())
            yield from found.pieces(starts, ends, range(1, len(starts) + 1), limit=limits.max_unit_bytes)
        else:
            yield found


def stretches(
    blocks: Iterable[bytes], *, limits: Settings, byte_offset: int = 0, lines_before: int = 0
) -> Iterator[Stretch | Piece]:
    """The stream as stretches of whole lines, and what is none: a line too large to buffer, an unfinished last one.

    `byte_offset` and `lines_before` say where in the file the stream begins. The last line has `is_terminated`
    false when no newline ends it. A line over `max_unit_bytes` is hashed as it flows past, never buffered.
    """
    limit = limits.max_unit_bytes
    offset, number = byte_offset, lines_before
    waiting: list[bytes] = []
    waiting_bytes = 0
    passing: _PassingLine | None = None
    for block in blocks:
        if passing is not None:
            line, newline, block = block.partition(b"\n")
            passing.add(line)
            if not newline:
                continue
            number += 1
            yield passing.broken(number, offset, limit=limit)
            offset += passing.length + 1
            passing = None
        waiting.append(block)
        waiting_bytes += len(block)
        if waiting_bytes <= (STRETCH_BYTES if b"\n" in block else limit):
            continue
        whole, rest = _whole_lines(waiting)
        if whole:
            ends = _newlines(whole)
            yield Stretch(whole, ends, offset, number)
            number += len(ends)
            offset += len(whole)
        waiting, waiting_bytes = [rest], len(rest)
        if waiting_bytes > limit:
            passing = _PassingLine(waiting)
            waiting, waiting_bytes = [], 0
    if passing is not None:
        yield passing.broken(number + 1, offset, limit=limit, is_tail=True)
        return
    whole, rest = _whole_lines(waiting)
    if whole:
        ends = _newlines(whole)
        yield Stretch(whole, ends, offset, number)
        number += len(ends)
        offset += len(whole)
    if rest:
        yield _piece(rest, number + 1, offset, limit=limit, is_terminated=False)


def _whole_lines(parts: list[bytes]) -> tuple[bytes, bytes]:
    """The bytes up to the last newline and with it, and those after it."""
    last = parts[-1] if parts else b""
    if end := last.rfind(b"\n") + 1:  # nearly always: then nothing large is copied twice
        return b"".join([*parts[:-1], memoryview(last)[:end]]), last[end:]
    data = b"".join(parts)
    end = data.rfind(b"\n") + 1
    return data[:end], data[end:]


def _newlines(data: bytes) -> np.ndarray:
    """Where they are; counting them alone takes Python longer. Eight bytes without any are passed over at once."""
    are_newlines = np.frombuffer(data, dtype=np.uint8) == _NEWLINE
    rest = len(data) & -_EIGHT
    words = are_newlines[:rest].view(np.uint64)
    rows = np.flatnonzero(words != 0)
    found = words[rows].view(np.uint8).reshape(-1, _EIGHT)
    if np.count_nonzero(found) > len(rows):
        return np.flatnonzero(are_newlines)
    return np.concatenate([rows * _EIGHT + found.argmax(axis=1), np.flatnonzero(are_newlines[rest:]) + rest])


def _piece(line: bytes, number: int, offset: int, *, limit: int, is_terminated: bool = True) -> Piece:
    if offset == 0 and line.startswith(BYTE_ORDER_MARK):
        # The mark is no part of the first line's value; its bytes still count in the offsets.
        line = line[len(BYTE_ORDER_MARK) :]
        offset = len(BYTE_ORDER_MARK)
    if len(line) > limit:
        return _PassingLine([line]).broken(number, offset, limit=limit)
    if line[:1] in b" \t\r" and not line.strip(b" \t\r"):
        return Blank(number, offset, len(line), is_terminated)
    return Unit(line, number, offset, number, None, None, is_terminated)


class _PassingLine:
    """A line too large to buffer: its length, its hash and its first bytes."""

    def __init__(self, parts: Iterable[bytes]) -> None:
        self.length = 0
        self.prefix = b""
        self._hash = hashlib.sha256()
        for part in parts:
            self.add(part)

    def add(self, part: bytes) -> None:
        self.length += len(part)
        self._hash.update(part)
        if len(self.prefix) < PREFIX_BYTES:
            self.prefix += part[: PREFIX_BYTES - len(self.prefix)]

    def broken(self, number: int, offset: int, *, limit: int, is_tail: bool = False) -> Broken:
        return Broken(
            reason="too_large",
            detail=f"{self.length} bytes, more than {limit}",
            number=number,
            byte_offset=offset,
            byte_length=self.length,
            prefix=self.prefix,
            raw_sha256=self._hash.hexdigest(),
            line_number=number,
            is_tail=is_tail,
        )
