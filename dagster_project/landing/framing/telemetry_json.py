"""Spans out of OTLP/JSON: messages `{"resourceSpans": [{"scopeSpans": [{"spans": [...]}]}]}` one after the other,
on a line each or over many, and spans that stand alone, one after the other or in an array. Log records of
`resourceLogs` likewise.

A message is walked, never held: only the span being cut, and what stands around it, are in memory. A torn
span is left behind at the next place that looks like the beginning of one, or of what surrounds spans.
"""

import re
from collections.abc import Iterable, Iterator

import msgspec

from dagster_project.landing.framing import Blank, Piece
from dagster_project.landing.framing.enclosing import EnclosedUnits
from dagster_project.landing.framing.json_scanner import SPACE, JsonScanner, TornError
from dagster_project.landing.framing.lines import BYTE_ORDER_MARK
from dagster_project.landing.framing.span_beginnings import Beginnings
from dagster_project.landing.framing.window import Window
from dagster_project.settings import Settings

_MESSAGE = re.compile(rb'\{[ \t\r\n]*"(?:resourceSpans|resource_spans|resourceLogs|resource_logs)"')
_MESSAGE_BYTES = 64
# What a message holds, written alone: its resource, if any, then scopes or the schema.
_RESOURCE = re.compile(rb'\{[ \t\r\n]*"(resource|scope_?[sS]pans|scope_?[lL]ogs)"[ \t\r\n]*:[ \t\r\n]*')
_AFTER_RESOURCE = re.compile(rb'[ \t\r\n]*,[ \t\r\n]*"(?:scope_?[sS]pans|scope_?[lL]ogs|schema_?[uU]rl)"')
_KEY = re.compile(rb'"[^"\\\n]*(?:\\.[^"\\\n]*)*"[ \t\r\n]*:')
_SCALAR = re.compile(rb'(?:"[^"\\\n]*(?:\\.[^"\\\n]*)*"|[-+.0-9A-Za-z]*)[ \t\r\n]*')
_OVERLAP_BYTES = 8192
# Brackets open at once when a block ends; no decoder takes a hundredth of it.
_DEEPEST = 50_000

# Of each object on the way down to a span: the keys that lead further, and those that stand around a span.
_LEADS: dict[str, frozenset[str]] = {
    "message": frozenset({"resourceSpans", "resource_spans", "resourceLogs", "resource_logs"}),
    "resource": frozenset(
        {
            "scopeSpans",
            "scope_spans",
            "instrumentationLibrarySpans",
            "instrumentation_library_spans",
            "scopeLogs",
            "scope_logs",
        }
    ),
    "scope": frozenset({"spans", "logRecords", "log_records"}),
}
_AROUND: dict[str, frozenset[str]] = {
    "message": frozenset(),
    "resource": frozenset({"resource"}),
    "scope": frozenset({"scope", "instrumentationLibrary", "instrumentation_library"}),
}
_SCHEMA = frozenset({"schemaUrl", "schema_url"})
_ENDS_INSIDE = "the file ends inside a span"
_NO_LIST = "a list does not begin where one must"
_SWALLOWED = "what stands around spans is not closed"
_NO_KEY = "a key and a colon are missing"
_LISTS = {"message": "resources", "resource": "scopes", "scope": "spans"}
_ELEMENTS = {"resources": "resource", "scopes": "scope"}
_WAY = ("message", "resources", "resource", "scopes", "scope", "spans")


class TelemetryJsonSplitter:
    """One pass over one stream. `levels` are the containers that are open around the reading position."""

    def __init__(self, blocks: Iterable[bytes], *, limits: Settings) -> None:
        self.window = Window(blocks)
        self.limit = limits.max_unit_bytes
        self.levels: list[str] = []
        self.units = EnclosedUnits(limits=limits)
        self.beginnings = Beginnings()

    def split(self) -> Iterator[Piece]:
        self._pass_byte_order_mark()
        while True:
            try:
                while self._peek():
                    yield from self._step()
                break
            except TornError as torn:
                yield from self._leave_behind(str(torn))
        yield from self.units.end()

    def _pass_byte_order_mark(self) -> None:
        if self.window.holds(3) and self.window.buffer.startswith(BYTE_ORDER_MARK):
            self.window.at = 3

    def _peek(self) -> bytes:
        """The next byte that is no white space, nor a comma between members; empty at the end."""
        window = self.window
        passed = SPACE + b"," if self.levels else SPACE
        while True:
            rest = window.buffer[window.at : window.at + 64].lstrip(passed)
            if rest:
                window.at += len(window.buffer[window.at : window.at + 64]) - len(rest)
                window.begin()
                return rest[:1]
            window.at = min(window.at + 64, len(window.buffer))
            window.begin()
            if window.at == len(window.buffer) and not window.more():
                return b""

    def _step(self) -> Iterator[Piece]:
        """Take one key, one element or one closing bracket."""
        level = self.levels[-1] if self.levels else "top"
        if level in _LEADS:
            yield from self._member(level)
        else:
            yield from self._element(level)

    def _element(self, level: str) -> Iterator[Piece]:
        window = self.window
        byte = window.buffer[window.at : window.at + 1]
        if byte == b"]" and level != "top":
            self._close()
        elif byte == b"}" and level != "top":
            raise TornError("a closing bracket does not match the one that opened")
        elif byte == b"{" and level != "array" and self._is_message():
            # A message that was cut off has no closing brackets; the next one begins all the same.
            yield from self.units.end()
            self.levels = ["message"]
            window.at += 1
        elif byte == b"{" and level in ("top", "array") and self._is_resource():
            self.levels.append("resource")
            self.units.open("resource")
            window.at += 1
        elif byte == b"{" and level in _ELEMENTS:
            self.levels.append(_ELEMENTS[level])
            self.units.open(_ELEMENTS[level])
            window.at += 1
        elif byte == b"[" and level == "top":
            self.levels = ["array"]
            window.at += 1
        elif level in _ELEMENTS and byte != b"n":
            raise TornError(_NO_LIST)
        else:
            yield from self._unit(level)

    def _is_message(self) -> bool:
        self.window.holds(_MESSAGE_BYTES)
        return _MESSAGE.match(self.window.buffer, self.window.at) is not None

    def _is_resource(self) -> bool:
        """Whether the object that begins here is no record but a part of a message that some exporters write alone."""
        window = self.window
        window.holds(_MESSAGE_BYTES)
        found = _RESOURCE.match(window.buffer, window.at)
        if found is None or found[1] != b"resource":
            return found is not None
        scanner, length = JsonScanner(stops_when_closed=True), found.end() - window.at
        if not window.holds(length + 1) or window.buffer[window.at + length : window.at + length + 1] != b"{":
            return False
        while True:
            length = scanner.scan(window.buffer, window.at + length) - window.at
            if scanner.is_between_values or length > self.limit or not window.more():
                break
        window.holds(length + _MESSAGE_BYTES)
        return _AFTER_RESOURCE.match(window.buffer, window.at + length) is not None

    def _member(self, level: str) -> Iterator[Piece]:
        window = self.window
        byte = window.buffer[window.at : window.at + 1]
        if byte == b"}":
            self._close()
            yield from self.units.close(level)
            return
        key = self._key()
        while not (rest := window.buffer[window.at :].lstrip(SPACE)) and window.more():
            pass
        window.at = len(window.buffer) - len(rest)
        window.begin()
        if key in _LEADS[level] and not rest.startswith(b"n"):
            if not rest.startswith(b"["):
                raise TornError(_NO_LIST)
            self.levels.append(_LISTS[level])
            window.at += 1
            return
        if not self._cut():
            raise TornError(f"what stands around spans is larger than {self.limit} bytes, or not closed")
        raw, offset = window.taken()
        raw = raw.rstrip(SPACE)
        if self.beginnings.search(window.buffer, window.mark, window.at):
            raise TornError(_SWALLOWED)
        if key in _AROUND[level]:
            self.units.learn(level, raw)
        elif key not in _SCHEMA and raw != b"null":
            # No span, but not ours to drop: the decoder says what it is not.
            yield from self.units.add(raw, offset, is_enclosed=False)

    def _key(self) -> str:
        window = self.window
        if window.buffer[window.at : window.at + 1] != b'"':
            raise TornError(_NO_KEY)
        while (found := _KEY.match(window.buffer, window.at)) is None:
            if window.kept > self.limit or len(window.buffer) - window.at > self.limit or not window.more():
                raise TornError(_NO_KEY)
        window.at = found.end()
        try:
            return msgspec.json.decode(found[0].rstrip(b": \t\r\n"), type=str)
        except (msgspec.DecodeError, UnicodeDecodeError):
            raise TornError("a key is no string") from None

    def _close(self) -> None:
        self.levels.pop()
        self.window.at += 1

    def _unit(self, level: str) -> Iterator[Piece]:
        """A span, or whatever stands in a span's place."""
        window = self.window
        if level == "top" and window.buffer[window.at : window.at + 1] not in b"{[":
            yield from self._junk()
            return
        if not self._cut():
            if window.passed_bytes:
                detail = f"{window.passed_bytes} bytes, more than {self.limit}"
                yield from self.units.add_broken(window.broken(0, reason="too_large", detail=detail))
                return
            raise TornError(_ENDS_INSIDE)
        raw, offset = window.taken()
        if raw == b"{}" and level == "top":
            # An export of nothing.
            yield from self.units.add_blank(Blank(number=0, byte_offset=offset, byte_length=len(raw)))
            return
        if level == "top" and self.beginnings.search(window.buffer, window.mark + 1, window.at):
            raise TornError("a bracket is missing")
        stripped = raw.rstrip(SPACE)
        self.beginnings.learn(stripped)
        yield from self.units.add(stripped, offset, is_enclosed=level not in ("top", "array"))

    def _cut(self) -> bool:
        """Read to the end of the value that begins here; False when it is too large (it passes) or not closed."""
        window = self.window
        is_container = window.buffer[window.at : window.at + 1] in (b"{", b"[")
        scanner = JsonScanner(stops_when_closed=is_container)
        is_large = False
        while True:
            window.at = scanner.scan(window.buffer, window.at)
            if len(scanner.open) > _DEEPEST:
                raise TornError("nested too deep to be a span")
            is_ended = window.at < len(window.buffer) or (is_container and scanner.is_between_values)
            if not is_large and window.kept > self.limit + (0 if is_ended else _OVERLAP_BYTES):
                if self.beginnings.search(window.buffer, window.mark + 1, window.at):
                    raise TornError("a bracket or quote is missing")
                is_large = True
            if is_large:
                window.let_pass()
            if is_ended:
                if not is_container and not _SCALAR.fullmatch(window.buffer, window.mark, window.at):
                    raise TornError("neither a value nor its end")
                return not is_large
            if not window.more():
                return False

    def _junk(self) -> Iterator[Piece]:
        """A line that begins with no value of ours; a span further on in it is found all the same."""
        window = self.window
        while (end := window.buffer.find(b"\n", window.at)) < 0:
            if self.beginnings.search(window.buffer, window.mark) or not window.more():
                break
            if window.kept + len(window.buffer) - window.at > self.limit:
                window.at = len(window.buffer) - _OVERLAP_BYTES
                window.let_pass()
        found = self.beginnings.search(window.buffer, window.mark, end if end >= 0 else len(window.buffer))
        window.at = found.start() if found else end if end >= 0 else len(window.buffer)
        detail = "neither an OTLP message nor a span begins here"
        yield from self.units.add_broken(window.broken(0, reason="bad_json", detail=detail))
        if found:
            yield from self._resume(found.lastgroup or "")

    def _leave_behind(self, detail: str) -> Iterator[Piece]:
        """Go on at the next beginning; what lies before it is one unit that could not be cut out."""
        window = self.window
        # Where a key or bracket is missing, the next beginning may be right here.
        window.at = min(window.mark + (detail not in (_NO_KEY, _NO_LIST, _SWALLOWED)), len(window.buffer))
        while (found := self.beginnings.search(window.buffer, window.at)) is None:
            window.at = max(window.at, len(window.buffer) - _OVERLAP_BYTES)
            if window.kept > self.limit + _OVERLAP_BYTES:
                window.let_pass()
            if not window.more():
                break
        window.at = found.start() if found else len(window.buffer)
        if window.kept or window.passed_bytes:
            is_tail = found is None and detail == _ENDS_INSIDE
            broken = window.broken(0, reason="bad_json", detail=detail, is_tail=is_tail)
            yield from self.units.add_broken(broken)
        if found:
            yield from self._resume(found.lastgroup or "")

    def _resume(self, beginning: str) -> Iterator[Piece]:
        """Open again the containers that a beginning of that kind lies in."""
        level = self.levels[-1] if self.levels else "top"
        if beginning == "message":
            yield from self.units.end()
            self.levels = []
        elif beginning == "span":
            if level not in ("spans", "array", "top"):
                yield from self.units.tear()
                self.levels = list(_WAY)
        elif beginning == "resource":
            yield from self.units.close("scope")
            yield from self.units.close("resource")
            self.levels = list(_WAY[:2])
        else:
            yield from self.units.close("scope")
            if level not in ("scopes", "scope", "spans"):
                yield from self.units.tear()
            self.levels = list(_WAY[:4])


def split(blocks: Iterable[bytes], *, limits: Settings) -> Iterator[Piece]:
    """The spans; `raw` is the span as written, `enclosure` the resource and scope around it."""
    return TelemetryJsonSplitter(blocks, limits=limits).split()
