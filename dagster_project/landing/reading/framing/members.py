"""Members of one JSON container, cut out of a stream: elements of an array, key → value pairs of an object.

A torn member is left behind at the next place that looks like the beginning of one: the separator and first
key that whole members had. (Inside a string that pattern cannot stand: its quotes would be escaped.)
"""

import re
from collections.abc import Iterable, Iterator
from typing import Literal

import msgspec

from dagster_project.formats.base import Unit
from dagster_project.landing.reading.framing import Broken, Piece
from dagster_project.landing.reading.framing.json_scanner import SPACE, JsonScanner, TornError
from dagster_project.landing.reading.framing.lines import BYTE_ORDER_MARK
from dagster_project.landing.reading.framing.passed import PassedBytes, passed
from dagster_project.settings import Settings

_FIRST_KEY = re.compile(rb'\{[ \t\r\n]*"[^"\\\n]*(?:\\.[^"\\\n]*)*"[ \t\r\n]*:')
_PAIR_KEY = re.compile(rb'("[^"\\\n]*(?:\\.[^"\\\n]*)*")[ \t\r\n]*:')
# Kept of what flows past, so that a beginning that spans two blocks is seen.
_OVERLAP_BYTES = 8192


class MemberSplitter:
    """One pass over one stream. `buffer` begins at or before the current member, `offset` is its place."""

    def __init__(self, container: Literal["array", "object"], *, limits: Settings) -> None:
        self.container = container
        self.opener, self.closer = ("[", "]") if container == "array" else ("{", "}")
        self.limit = limits.max_document_bytes
        self.buffer, self.offset = b"", 0
        self.start = self.at = 0
        self.number = self.whole_count = 0
        self.step = self._before
        self.scanner = JsonScanner()
        self.passing: PassedBytes | None = None
        self.trouble = ""
        self.beginning: re.Pattern[bytes] | None = None

    def split(self, blocks: Iterable[bytes]) -> Iterator[Piece]:
        for block in blocks:
            self.buffer, self.offset = self.buffer[self.start :] + block, self.offset + self.start
            self.at, self.start = self.at - self.start, 0
            yield from self._advance()
        yield from self._finish()

    def _advance(self) -> Iterator[Piece]:
        step = None
        while step != self.step:
            step = self.step
            yield from step()

    def _before(self) -> Iterator[Piece]:
        """Pass the opening bracket."""
        rest = self.buffer.removeprefix(BYTE_ORDER_MARK).lstrip(SPACE)
        if not rest or BYTE_ORDER_MARK.startswith(rest):
            return
        self.start = self.at = len(self.buffer) - len(rest)
        if rest.startswith(self.opener.encode()):
            self.start = self.at = self.start + 1
            self.step = self._within
        else:
            self._leave_behind(f"not a JSON {self.container}")
        yield from ()

    def _within(self) -> Iterator[Piece]:
        """Cut out members until the buffer or the container ends."""
        while True:
            try:
                stop = self.at = self.scanner.scan(self.buffer, self.at)
                if stop == len(self.buffer):
                    self._pass_when_large()
                    return
                if self.buffer[stop : stop + 1] not in (b",", self.closer.encode()):
                    raise TornError("a closing bracket does not match the one that opened")
            except TornError as torn:
                self._leave_behind(str(torn))
                return
            is_last = self.buffer[stop : stop + 1] != b","
            if not (is_last and self.number == 0 and self.passing is None and not self._region(stop).strip(SPACE)):
                yield self._member(stop)
            self._begin(stop + 1)
            if is_last:
                self.step = self._after
                return

    def _torn(self) -> Iterator[Piece]:
        """Look for the next member's beginning; hash what flows past until then."""
        found = self.beginning and self.beginning.search(self.buffer, self.start + (self.passing is None))
        if found:
            yield self._give_up(found.start())
            self._begin(found.start() + 1)
            self.step = self._within
        elif len(self.buffer) - self.start > self.limit + _OVERLAP_BYTES:
            self._pass(len(self.buffer) - _OVERLAP_BYTES)

    def _after(self) -> Iterator[Piece]:
        """Only white space may follow the container."""
        rest = self.buffer[self.start :].lstrip(SPACE)
        self.start = self.at = len(self.buffer) - len(rest)
        if rest:
            self.beginning = None
            self._leave_behind(f"bytes follow the end of the {self.container}")
        yield from ()

    def _finish(self) -> Iterator[Piece]:
        """What the stream's end leaves in the buffer."""
        if self.step == self._before and self.buffer.strip(SPACE):
            self._leave_behind(f"not a JSON {self.container}")
        while self.step == self._within:
            region = self._region(len(self.buffer))
            if self.scanner.is_between_values and self.passing is None and region.strip(SPACE):
                yield self._member(len(self.buffer), is_terminated=False)
                return
            closed = region.rstrip(SPACE).endswith(self.closer.encode())
            if self.passing is None and self.beginning is None:
                self._learn_beginning(region)
            found = closed and self.beginning and self.beginning.search(self.buffer, self.start + 1)
            if not found:
                yield self._give_up(len(self.buffer), detail=f"the {self.container} is not closed", is_tail=True)
                return
            # The last bracket is there, one within is missing: a member was torn, not the file.
            yield self._give_up(found.start(), detail="a bracket is missing")
            self._begin(found.start() + 1)
            yield from self._advance()
        if self.step == self._torn:
            yield self._give_up(len(self.buffer))

    def _region(self, stop: int) -> bytes:
        return self.buffer[self.start : stop]

    def _begin(self, start: int) -> None:
        self.start = self.at = start
        self.scanner = JsonScanner()
        self.passing = None
        self.trouble = ""

    def _leave_behind(self, trouble: str) -> None:
        if self.step == self._within and self.passing is None and self.beginning is None:
            self._learn_beginning(self._region(len(self.buffer)))
        self.trouble = trouble
        self.step = self._torn

    def _pass_when_large(self) -> None:
        if self.passing or self.at - self.start > self.limit + _OVERLAP_BYTES:
            self.trouble = ""
            self._pass(self.at)

    def _pass(self, stop: int) -> None:
        if self.passing is None:
            region = self._region(stop)
            self.start += len(region) - len(region.lstrip(SPACE))
            self.passing = PassedBytes(byte_offset=self.offset + self.start)
        self.passing.add(self._region(stop))
        self.start = stop

    def _member(self, stop: int, *, is_terminated: bool = True) -> Piece:
        region = self._region(stop)
        raw = region.strip(SPACE)
        if self.passing or len(raw) > self.limit:
            return self._give_up(stop)
        self.number += 1
        offset = self.offset + self.start + len(region) - len(region.lstrip(SPACE))
        if not raw:
            return self._broken(raw, offset, "a value is missing between two commas")
        if self.whole_count < 2:
            self.whole_count += 1
            self._learn_beginning(region)
        if self.container == "array":
            return Unit(raw=raw, number=self.number, byte_offset=offset, is_terminated=is_terminated)
        key = _pair_key(raw)
        if key is None:
            return self._broken(raw, offset, "expected a key and a colon")
        return Unit(raw=raw, number=self.number, byte_offset=offset, key=key, is_terminated=is_terminated)

    def _broken(self, raw: bytes, offset: int, detail: str) -> Broken:
        return passed(raw, byte_offset=offset).broken(self.number, reason="bad_json", detail=detail)

    def _give_up(self, stop: int, *, detail: str = "", is_tail: bool = False) -> Broken:
        """The member up to `stop` as a unit that could not be cut out."""
        self.number += 1
        self._pass(stop)
        whole = self.passing
        assert whole is not None
        detail = self.trouble or detail
        if detail:
            reason = "format_error" if self.number == 1 and detail.startswith("not a JSON") else "bad_json"
            return whole.broken(self.number, reason=reason, detail=detail, is_tail=is_tail)
        too_large = f"{whole.length} bytes, more than {self.limit}"
        return whole.broken(self.number, reason="too_large", detail=too_large)

    def _learn_beginning(self, region: bytes) -> None:
        """What the next member's beginning will look like, going by one that began like `region`.

        A line break with its indentation tells members from what lies within them; on one line only a first
        key does, and pairs of an object share none.
        """
        raw = region.lstrip(SPACE)
        lead = region[: len(region) - len(raw)]
        if b"\n" in lead and raw[:1] in (b"{", b"[", b'"'):
            self.beginning = re.compile(b"," + re.escape(lead + raw[:1]))
        elif self.container == "array" and (first_key := _FIRST_KEY.match(raw)):
            self.beginning = re.compile(rb",[ \t\r\n]*" + re.escape(first_key[0]))


def _pair_key(raw: bytes) -> str | None:
    found = _PAIR_KEY.match(raw)
    try:
        return msgspec.json.decode(found[1], type=str) if found else None
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None
