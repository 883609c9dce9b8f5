"""JSON values read through a window: where one ends, which key comes, and what kind of OTLP object begins here."""

import re

import msgspec

from dagster_project.landing.reading.framing.json_scanner import SPACE, JsonScanner, TornError
from dagster_project.landing.reading.framing.lines import BYTE_ORDER_MARK
from dagster_project.landing.reading.framing.span_beginnings import Beginnings
from dagster_project.landing.reading.framing.window import Window

_MESSAGE = re.compile(rb'\{[ \t\r\n]*"(?:resourceSpans|resource_spans|resourceLogs|resource_logs)"')
_MESSAGE_BYTES = 64
# What a message holds, written alone: its resource, if any, then scopes or the schema.
_RESOURCE = re.compile(rb'\{[ \t\r\n]*"(resource|scope_?[sS]pans|scope_?[lL]ogs)"[ \t\r\n]*:[ \t\r\n]*')
_AFTER_RESOURCE = re.compile(rb'[ \t\r\n]*,[ \t\r\n]*"(?:scope_?[sS]pans|scope_?[lL]ogs|schema_?[uU]rl)"')
_KEY = re.compile(rb'"[^"\\\n]*(?:\\.[^"\\\n]*)*"[ \t\r\n]*:')
_SCALAR = re.compile(rb'(?:"[^"\\\n]*(?:\\.[^"\\\n]*)*"|[-+.0-9A-Za-z]*)[ \t\r\n]*')
OVERLAP_BYTES = 8192
# Brackets open at once when a block ends; no decoder takes a hundredth of it.
_DEEPEST = 50_000
NO_KEY = "a key and a colon are missing"


class JsonValues:
    """Moves the window over keys and values; `limit` is the largest value that is held."""

    def __init__(self, window: Window, *, limit: int, beginnings: Beginnings) -> None:
        self.window = window
        self.limit = limit
        self.beginnings = beginnings

    def pass_byte_order_mark(self) -> None:
        """At the beginning of the stream."""
        if self.window.holds(3) and self.window.buffer.startswith(BYTE_ORDER_MARK):
            self.window.at = 3

    def peek(self, *, passes_commas: bool) -> bytes:
        """The next byte that is no white space, nor a comma between members; empty at the end of the stream."""
        window = self.window
        passed = SPACE + b"," if passes_commas else SPACE
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

    def is_message(self) -> bool:
        """Whether the object that begins here is a whole message."""
        self.window.holds(_MESSAGE_BYTES)
        return _MESSAGE.match(self.window.buffer, self.window.at) is not None

    def is_resource(self) -> bool:
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

    def key(self) -> str:
        """The key that comes, with its colon. Raises TornError."""
        window = self.window
        if window.buffer[window.at : window.at + 1] != b'"':
            raise TornError(NO_KEY)
        while (found := _KEY.match(window.buffer, window.at)) is None:
            if window.kept > self.limit or len(window.buffer) - window.at > self.limit or not window.more():
                raise TornError(NO_KEY)
        window.at = found.end()
        try:
            return msgspec.json.decode(found[0].rstrip(b": \t\r\n"), type=str)
        except (msgspec.DecodeError, UnicodeDecodeError):
            raise TornError("a key is no string") from None

    def cut(self) -> bool:
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
            if not is_large and window.kept > self.limit + (0 if is_ended else OVERLAP_BYTES):
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
