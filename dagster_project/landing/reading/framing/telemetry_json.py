"""Spans out of OTLP/JSON: messages `{"resourceSpans": [{"scopeSpans": [{"spans": [...]}]}]}` one after the other,
on a line each or over many, and spans that stand alone, one after the other or in an array. Log records of
`resourceLogs` likewise.

A message is walked, never held: only the span being cut, and what stands around it, are in memory. A torn
span is left behind at the next place that looks like the beginning of one, or of what surrounds spans.
"""

from collections.abc import Iterable, Iterator

from dagster_project.landing.reading.framing import Blank, Piece
from dagster_project.landing.reading.framing.enclosing import EnclosedUnits
from dagster_project.landing.reading.framing.json_scanner import SPACE, TornError
from dagster_project.landing.reading.framing.json_window import NO_KEY, OVERLAP_BYTES, JsonValues
from dagster_project.landing.reading.framing.span_beginnings import Beginnings
from dagster_project.landing.reading.framing.window import Window
from dagster_project.settings import Settings

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
        self.values = JsonValues(self.window, limit=self.limit, beginnings=self.beginnings)

    def split(self) -> Iterator[Piece]:
        self.values.pass_byte_order_mark()
        while True:
            try:
                while self.values.peek(passes_commas=bool(self.levels)):
                    yield from self._step()
                break
            except TornError as torn:
                yield from self._leave_behind(str(torn))
        yield from self.units.end()

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
        elif byte == b"{" and level != "array" and self.values.is_message():
            # A message that was cut off has no closing brackets; the next one begins all the same.
            yield from self.units.end()
            self.levels = ["message"]
            window.at += 1
        elif byte == b"{" and level in ("top", "array") and self.values.is_resource():
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

    def _member(self, level: str) -> Iterator[Piece]:
        window = self.window
        byte = window.buffer[window.at : window.at + 1]
        if byte == b"}":
            self._close()
            yield from self.units.close(level)
            return
        key = self.values.key()
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
        if not self.values.cut():
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

    def _close(self) -> None:
        self.levels.pop()
        self.window.at += 1

    def _unit(self, level: str) -> Iterator[Piece]:
        """A span, or whatever stands in a span's place."""
        window = self.window
        if level == "top" and window.buffer[window.at : window.at + 1] not in b"{[":
            yield from self._junk()
            return
        if not self.values.cut():
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

    def _junk(self) -> Iterator[Piece]:
        """A line that begins with no value of ours; a span further on in it is found all the same."""
        window = self.window
        while (end := window.buffer.find(b"\n", window.at)) < 0:
            if self.beginnings.search(window.buffer, window.mark) or not window.more():
                break
            if window.kept + len(window.buffer) - window.at > self.limit:
                window.at = len(window.buffer) - OVERLAP_BYTES
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
        window.at = min(window.mark + (detail not in (NO_KEY, _NO_LIST, _SWALLOWED)), len(window.buffer))
        while (found := self.beginnings.search(window.buffer, window.at)) is None:
            window.at = max(window.at, len(window.buffer) - OVERLAP_BYTES)
            if window.kept > self.limit + OVERLAP_BYTES:
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
