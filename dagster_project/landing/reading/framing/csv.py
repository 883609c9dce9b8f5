"""CSV records as RFC 4180 writes them: quoted fields may hold commas, quotes and line breaks.

The first record names the columns and is no unit. A record that cannot be read ends with its own line.
"""

import re
from collections.abc import Iterable, Iterator

from dagster_project.formats.base import Unit
from dagster_project.landing.reading.framing import Blank, Piece
from dagster_project.landing.reading.framing.json_scanner import end_of_match
from dagster_project.landing.reading.framing.lines import BYTE_ORDER_MARK
from dagster_project.landing.reading.framing.passed import PassedBytes, passed
from dagster_project.settings import Settings

_FIELD = rb'(?:"[^"]*(?:""[^"]*)*"(?=[,\r\n]|\Z)|(?:(?!")[^,\r\n]+)?)'
_RECORD = re.compile(_FIELD + rb"(?:," + _FIELD + rb")*")
_FIELDS = re.compile(rb"(?:^|,)(" + _FIELD + rb")")
_END = re.compile(rb"\r?\n")


class CsvSplitter:
    """One pass over one stream; `buffer` begins at the current record."""

    def __init__(self, *, limits: Settings) -> None:
        self.limit = limits.max_unit_bytes
        self.buffer, self.offset, self.lines = b"", 0, 0
        self.start = 0
        self.number = 0
        self.header: list[str] | None = None
        self.header_fault = ""
        self.passing: PassedBytes | None = None
        self.in_quotes = False
        self.passing_line = 0

    def split(self, blocks: Iterable[bytes]) -> Iterator[Piece]:
        for block in blocks:
            self.buffer, self.offset, self.start = self.buffer[self.start :] + block, self.offset + self.start, 0
            yield from self._advance(is_end=False)
        yield from self._advance(is_end=True)

    def _advance(self, *, is_end: bool) -> Iterator[Piece]:
        while self.start < len(self.buffer):
            if self.passing is not None:
                piece, is_stuck = self._pass_line()
            else:
                piece, is_stuck = self._record(is_end=is_end)
            if piece is not None:
                yield piece
            if is_stuck:
                return
        if is_end and self.passing is not None:
            yield self._too_large(self.passing, is_tail=True)

    def _record(self, *, is_end: bool) -> tuple[Piece | None, bool]:
        """The record at `start`, and whether more bytes are needed first."""
        stop = end_of_match(_RECORD, self.buffer, self.start)
        end = _END.match(self.buffer, stop)
        near_end = len(self.buffer) - stop < 2
        if end is None and not is_end and (near_end or self._is_open(stop)):
            if len(self.buffer) - self.start <= self.limit:
                return None, True
            return self._begin_passing()
        if end is None and not (is_end and stop == len(self.buffer)):
            return self._torn(stop, is_end=is_end)
        raw = self.buffer[self.start : stop]
        after = end.end() if end else stop
        piece = self._piece(raw, is_terminated=end is not None)
        self._step_to(after)
        return piece, False

    def _is_open(self, stop: int) -> bool:
        """Whether a quoted field begins at `stop` that later bytes may still close."""
        return self.buffer[stop : stop + 1] == b'"' and b'"' not in self.buffer[stop + 1 :].replace(b'""', b"")

    def _torn(self, stop: int, *, is_end: bool) -> tuple[Piece | None, bool]:
        """The record cannot be read: its first line is given up, the next line begins a record."""
        line_end = self.buffer.find(b"\n", self.start)
        if line_end < 0 and not is_end:
            return self._begin_passing() if len(self.buffer) - self.start > self.limit else (None, True)
        line_end = len(self.buffer) if line_end < 0 else line_end
        raw = self.buffer[self.start : line_end].rstrip(b"\r")
        self.number += 1
        part = passed(raw, byte_offset=self.offset + self.start)
        reason, detail = "format_error", "a quoted field is not closed, or something follows its closing quote"
        if len(raw) > self.limit:
            reason, detail = "too_large", f"{len(raw)} bytes, more than {self.limit}"
        piece = part.broken(self.number, reason=reason, detail=detail, line_number=self.lines + 1)
        if self.header is None:
            self.header, self.header_fault = [], "the line that names the columns cannot be read"
        self._step_to(min(line_end + 1, len(self.buffer)))
        return piece, False

    def _begin_passing(self) -> tuple[Piece | None, bool]:
        self.passing, self.in_quotes = PassedBytes(byte_offset=self.offset + self.start), False
        self.passing_line = self.lines + 1
        return self._pass_line()

    def _pass_line(self) -> tuple[Piece | None, bool]:
        """Let a line of a record that is too large flow past; the record ends where its quotes are even.

        What looks like a record inside its text must not become one.
        """
        assert self.passing is not None
        line_end = self.buffer.find(b"\n", self.start)
        stop = len(self.buffer) if line_end < 0 else line_end
        self.in_quotes ^= bool(self.buffer.count(b'"', self.start, stop) % 2)
        if line_end >= 0 and self.in_quotes:
            stop += 1
        self.passing.add(self.buffer[self.start : stop])
        if line_end < 0 or self.in_quotes:
            self._step_to(stop)
            return None, stop == len(self.buffer)
        whole, self.passing = self.passing, None
        piece = self._too_large(whole)
        self._step_to(line_end + 1)
        return piece, False

    def _too_large(self, whole: PassedBytes, *, is_tail: bool = False) -> Piece:
        self.number += 1
        detail = f"{whole.length} bytes, more than {self.limit}"
        return whole.broken(
            self.number, reason="too_large", detail=detail, line_number=self.passing_line, is_tail=is_tail
        )

    def _step_to(self, after: int) -> None:
        self.lines += self.buffer.count(b"\n", self.start, after)
        self.start = after

    def _piece(self, raw: bytes, *, is_terminated: bool) -> Piece | None:
        offset, line = self.offset + self.start, self.lines + 1
        if self.header is None:
            return self._take_header(raw.removeprefix(BYTE_ORDER_MARK) if offset == 0 else raw)
        self.number += 1
        if not raw.strip():
            return Blank(number=self.number, byte_offset=offset, byte_length=len(raw))
        fault, fields = self._fields(raw)
        if fault:
            reason, detail = fault
            return passed(raw, byte_offset=offset).broken(self.number, reason=reason, detail=detail, line_number=line)
        return Unit(
            raw=raw, number=self.number, byte_offset=offset, line_number=line, fields=fields,
            is_terminated=is_terminated,
        )  # fmt: skip

    def _take_header(self, raw: bytes) -> None:
        try:
            self.header = _values(raw)
        except UnicodeDecodeError:
            self.header, self.header_fault = [], "the line that names the columns is not UTF-8"
        repeated = {name for name in self.header if self.header.count(name) > 1}
        if repeated:
            self.header_fault = f"the column {sorted(repeated)[0]!r} is named twice"

    def _fields(self, raw: bytes) -> tuple[tuple[str, str] | None, dict[str, str]]:
        """What is wrong with the record, as (reason, detail), and its fields by column."""
        header = self.header or []
        if self.header_fault:
            return ("format_error", self.header_fault), {}
        if len(raw) > self.limit:
            return ("too_large", f"{len(raw)} bytes, more than {self.limit}"), {}
        try:
            values = _values(raw)
        except UnicodeDecodeError:
            return ("bad_encoding", "not UTF-8"), {}
        if len(values) != len(header):
            return ("format_error", f"{len(values)} fields, but {len(header)} columns are named"), {}
        return None, dict(zip(header, values, strict=True))


def _values(raw: bytes) -> list[str]:
    found = [field.decode("utf-8") for field in _FIELDS.findall(raw)]
    return [field[1:-1].replace('""', '"') if field.startswith('"') else field for field in found]


def split(blocks: Iterable[bytes], *, limits: Settings) -> Iterator[Piece]:
    """The records after the header; `raw` is the record without its line end."""
    return CsvSplitter(limits=limits).split(blocks)
