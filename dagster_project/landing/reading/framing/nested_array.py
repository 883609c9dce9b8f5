"""Elements of the array at one key of a JSON object: `{"info": ..., "simulations": [element, element], ...}`.

What stands before the array is scanned and let go, what stands after it is not looked at: neither is a unit.
"""

import re
from collections.abc import Iterable, Iterator

import msgspec

from dagster_project.landing.reading.framing import Piece
from dagster_project.landing.reading.framing.json_scanner import SPACE, JsonScanner, TornError
from dagster_project.landing.reading.framing.lines import BYTE_ORDER_MARK
from dagster_project.landing.reading.framing.members import MemberSplitter
from dagster_project.landing.reading.framing.passed import PassedBytes
from dagster_project.settings import Settings

_KEY = re.compile(rb'[ \t\r\n]*("[^"\\\n]*(?:\\.[^"\\\n]*)*")[ \t\r\n]*:[ \t\r\n]*(?=[^ \t\r\n])')


class NestedArraySplitter(MemberSplitter):
    """One pass over one stream, of which `passing` holds the hash until the array begins."""

    def __init__(self, key: str, *, limits: Settings) -> None:
        super().__init__("array", limits=limits)
        self.key = key
        self.passing = PassedBytes(byte_offset=0)
        self.is_in_object = self.is_in_member = False

    def _before(self) -> Iterator[Piece]:
        """Scan the object's members until the one with the key; keep nothing of them."""
        if not self.is_in_object and not self._enter_object():
            return
        while self.step == self._before:
            if not self.is_in_member and not self._enter_member():
                break
            if self.step == self._before and not self._leave_member():
                break
        yield from ()

    def _enter_object(self) -> bool:
        rest = self.buffer.removeprefix(BYTE_ORDER_MARK).lstrip(SPACE)
        if not rest or BYTE_ORDER_MARK.startswith(rest):
            return False
        if not rest.startswith(b"{"):
            self._leave_behind(self._fault)
            return False
        self._let_go(len(self.buffer) - len(rest) + 1)
        self.is_in_object = True
        return True

    def _enter_member(self) -> bool:
        """Read the next key; False when the buffer ends before its value begins."""
        found = _KEY.match(self.buffer, self.start)
        if found is None:
            rest = self.buffer[self.start :].lstrip(SPACE)
            if (rest and not rest.startswith(b'"')) or len(rest) > self.limit:
                self._leave_behind(self._fault)
            return False
        is_wanted = _decoded(found[1]) == self.key
        self._let_go(found.end())
        self.is_in_member = True
        if is_wanted and self.buffer[self.start : self.start + 1] == b"[":
            self.passing = None
            self._begin(self.start + 1)
            self.step = self._within
        elif is_wanted and self.buffer[self.start : self.start + 1] != b"n":
            self._leave_behind(self._fault)
        return True

    def _leave_member(self) -> bool:
        """Scan to the end of the member; False when the buffer or the object ends before the next one."""
        try:
            stop = self.scanner.scan(self.buffer, self.at)
        except TornError:
            self._leave_behind(self._fault)
            return False
        end = self.buffer[stop : stop + 1]
        self._let_go(stop + len(end))
        if end and end != b",":
            self._end_without_array()
        elif end:
            self.is_in_member, self.scanner = False, JsonScanner()
        return end == b","

    def _end_without_array(self) -> None:
        self._leave_behind(self._fault)

    def _let_go(self, stop: int) -> None:
        assert self.passing is not None
        self.passing.add(self._region(stop))
        self.start = self.at = stop

    def _after(self) -> Iterator[Piece]:
        """The rest of the object holds no units."""
        self.start = self.at = len(self.buffer)
        yield from ()

    def _finish(self) -> Iterator[Piece]:
        if self.step == self._before and (self.is_in_object or self.buffer.strip(SPACE)):
            self._leave_behind(self._fault)
        yield from super()._finish()

    @property
    def _fault(self) -> str:
        return f"not a JSON object with an array {self.key!r}"


def _decoded(key: bytes) -> str | None:
    try:
        return msgspec.json.decode(key, type=str)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None


def split(blocks: Iterable[bytes], *, limits: Settings, key: str) -> Iterator[Piece]:
    """The elements; `raw` is the element without the space around it."""
    return NestedArraySplitter(key, limits=limits).split(blocks)
