r"""Elements of the one list that a YAML file is, in block style: each begins with `- ` at the beginning of a line.

A torn element ends where the next one begins, because nothing within an element stands at the line's beginning
(blank lines and comments may). Nothing is parsed here, so aliases and deep nesting cost nothing.
"""

import re
from collections.abc import Iterable, Iterator

from dagster_project.formats.base import Unit
from dagster_project.landing.reading.framing import Piece
from dagster_project.landing.reading.framing.lines import BYTE_ORDER_MARK
from dagster_project.landing.reading.framing.passed import PassedBytes, passed
from dagster_project.settings import Settings

_SPACE = b" \t\r\n"
_DASH = re.compile(rb"\n-(?=[ \t\r\n])")
_FIRST_DASH = re.compile(rb"-(?:[ \t\r\n]|$)")


class _Elements:
    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._number = 0
        self._kept: list[bytes] = []
        self._kept_bytes = 0
        self._kept_at = 0
        self._line_number = 1
        self._passing: PassedBytes | None = None
        self._is_element = False

    def begin(self, offset: int, line_number: int) -> Iterator[Piece]:
        """An element begins: what was before it is whole."""
        yield from self.end()
        self._kept, self._kept_bytes, self._kept_at = [], 0, offset
        self._line_number, self._is_element, self._passing = line_number, True, None

    def add(self, part: bytes) -> int:
        """Returns the number of lines that end in the part."""
        line_count = part.count(b"\n")
        if self._passing is not None:
            self._passing.add(part)
            return line_count
        self._kept.append(part)
        self._kept_bytes += len(part)
        if self._kept_bytes > self._limit:
            self._passing = passed(b"".join(self._kept), byte_offset=self._kept_at)
            self._kept = []
        return line_count

    def end(self, *, is_last: bool = False) -> Iterator[Piece]:
        kept = b"".join(self._kept)
        raw = kept.rstrip(_SPACE)
        if self._passing is not None:
            self._number += 1
            detail = f"{self._passing.length} bytes, more than {self._limit}"
            yield self._passing.broken(
                self._number, reason="too_large", detail=detail, line_number=self._line_number, is_tail=is_last
            )
        elif self._is_element:
            self._number += 1
            # Without a line's end it may still be being written.
            is_terminated = not is_last or kept.endswith(b"\n")
            yield Unit(raw, self._number, self._kept_at, self._line_number, is_terminated=is_terminated)
        elif not _is_preamble(raw):
            self._number += 1
            whole = passed(raw, byte_offset=self._kept_at)
            detail = "not a YAML list in block style"
            yield whole.broken(self._number, reason="format_error", detail=detail, line_number=1)


def _is_preamble(raw: bytes) -> bool:
    """Whether only comments, directives and the document's mark stand here."""
    lines = (line.strip(_SPACE) for line in raw.removeprefix(BYTE_ORDER_MARK).split(b"\n"))
    return all(not line or line.startswith((b"#", b"%")) or line == b"---" for line in lines)


def split(blocks: Iterable[bytes], *, limits: Settings) -> Iterator[Piece]:
    """The elements, from their dash on, without the space after them; one over `max_unit_bytes` is never buffered."""
    elements = _Elements(limits.max_unit_bytes)
    held = b""  # what may be the beginning of a dash's line
    offset, line_number, is_first = 0, 1, True
    for block in blocks:
        held += block
        if is_first and len(held) < len(BYTE_ORDER_MARK) + 2:
            continue
        if is_first:
            offset = _first_offset(held)
            held, is_first = held[offset:], False
            if _FIRST_DASH.match(held):
                yield from elements.begin(offset, 1)
        start = 0
        for dash in _DASH.finditer(held):
            line_number += elements.add(held[start : dash.start() + 1])
            start = dash.start() + 1
            yield from elements.begin(offset + start, line_number)
        stop = max(start, len(held) - 2)
        line_number += elements.add(held[start:stop])
        held, offset = held[stop:], offset + stop
    if is_first and held:
        offset = _first_offset(held)
        held = held[offset:]
        if _FIRST_DASH.match(held):
            yield from elements.begin(offset, 1)
    if held.endswith(b"\n-"):
        line_number += elements.add(held[:-1])
        yield from elements.begin(offset + len(held) - 1, line_number)
        held = b"-"
    elements.add(held)
    yield from elements.end(is_last=True)


def _first_offset(start: bytes) -> int:
    return len(BYTE_ORDER_MARK) if start.startswith(BYTE_ORDER_MARK) else 0
