"""Where a member of a JSON container ends: a regular expression runs from bracket to bracket, resumable anywhere."""

import re

SPACE = b" \t\r\n"
QUOTE, BACKSLASH = 0x22, 0x5C
_CLOSER_OF = {ord("["): ord("]"), ord("{"): ord("}")}
# Whole strings and everything that is no bracket; directly in the container a comma ends the member too.
_WITHIN_VALUE = re.compile(rb'(?:[^"\[\]{}]+|"[^"\\\n]*(?:\\.[^"\\\n]*)*")*')
_WITHIN_MEMBER = re.compile(rb'(?:[^"\[\]{},]+|"[^"\\\n]*(?:\\.[^"\\\n]*)*")*')
_REST_OF_STRING = re.compile(rb'[^"\\\n]*(?:\\[^\n][^"\\\n]*)*')


def end_of_match(pattern: re.Pattern[bytes], data: bytes, at: int) -> int:
    """Where a match that begins at `at` ends; `at` itself when nothing matches."""
    found = pattern.match(data, at)
    return at if found is None else found.end()


class TornError(Exception):
    """The bytes cannot belong to the member that began: its quotes or brackets do not close."""


class JsonScanner:
    """The state of a scan between two calls: open brackets, inside a string or not, the last byte that is no space."""

    def __init__(self, *, stops_when_closed: bool = False) -> None:
        self.open = bytearray()
        self.in_string = False
        self._stops_when_closed = stops_when_closed
        self._escaped = False
        self._last = b""

    @property
    def is_between_values(self) -> bool:
        return not self.open and not self.in_string

    def scan(self, data: bytes, at: int) -> int:
        """Position of the comma or closing bracket that ends the member, or len(data). Raises TornError.

        With `stops_when_closed`, the position after the bracket that closes the first one.
        """
        end = len(data)
        while at < end:
            if self.in_string:
                at = self._finish_string(data, at)
                continue
            stop = end_of_match(_WITHIN_VALUE if self.open else _WITHIN_MEMBER, data, at)
            self._remember(data, at, stop)
            if stop == end or not self._take(data[stop]):
                return stop
            at = stop + 1
            if self._stops_when_closed and self.is_between_values:
                return at
        return end

    def _take(self, byte: int) -> bool:
        """Follow a quote or bracket; False when it ends the member."""
        if byte == QUOTE:
            self.in_string = True
        elif byte in _CLOSER_OF:
            self._expect_value()
            self.open.append(byte)
        elif not self.open:
            return False
        elif _CLOSER_OF[self.open.pop()] != byte:
            raise TornError("a closing bracket does not match the one that opened")
        self._last = bytes((byte,))
        return True

    def _finish_string(self, data: bytes, at: int) -> int:
        if self._escaped:
            self._escaped = False
            return at + 1
        stop = end_of_match(_REST_OF_STRING, data, at)
        if stop == len(data):
            return stop
        if data[stop] == QUOTE:
            self.in_string = False
        elif data[stop] == BACKSLASH:
            self._escaped = True
        if not self.in_string or self._escaped:
            return stop + 1
        raise TornError("a line ends inside a string")

    def _remember(self, data: bytes, start: int, stop: int) -> None:
        seen = data[max(start, stop - 16) : stop].rstrip(SPACE) or data[start:stop].rstrip(SPACE)
        self._last = seen[-1:] or self._last

    def _expect_value(self) -> None:
        """A missing bracket shows where the next member opens one in a place that takes none."""
        container = self.open[-1:]
        if container == b"{" and self._last != b":":
            raise TornError("a bracket opens where a key is expected")
        if container == b"[" and self._last not in (b"[", b","):
            raise TornError("a bracket opens where a comma is expected")
