"""What the beginning of a span, or of what surrounds spans, looks like in OTLP/JSON: where to go on after a tear.

None of these can stand inside a string, whose quotes would be escaped.
"""

import re

_SPACE = rb"[ \t\r\n]*"
_STRING = rb'"[^"\\\n]*(?:\\.[^"\\\n]*)*"'
_SCALAR = rb"(?:" + _STRING + rb"|[-+.0-9A-Za-z]+)"
_COLON, _COMMA = _SPACE + rb":" + _SPACE, _SPACE + rb"," + _SPACE
_PAIR = re.compile(_SPACE + rb"(" + _STRING + rb")" + _COLON + _SCALAR + _COMMA)
_KEY = re.compile(_SPACE + rb"(" + _STRING + rb")" + _SPACE + rb":")
# A link begins with the two ids as well; only the keys after them tell a span from it.
_TRACE_ID = rb'"trace_?[iI]d"' + _COLON + _STRING + _COMMA
_SPAN_ID = rb'"span_?[iI]d"' + _COLON + _STRING + _COMMA
_TRACE_STATE = rb'(?:"trace_?[sS]tate"' + _COLON + _STRING + _COMMA + rb")?"
_FLAGS = rb'flags"' + _COLON + rb"\d+" + _COMMA + rb'"(?:name|parent)'
_USUAL = (
    rb"\{" + _SPACE + _TRACE_ID + _SPAN_ID + _TRACE_STATE
    + rb'"(?:parent_?[sS]pan_?[iI]d|name|kind|start_?[tT]ime|' + _FLAGS + rb")"
)  # fmt: skip
_AROUND = (
    rb'(?P<resource>\{' + _SPACE + rb'"resource"' + _SPACE + rb":)"
    rb'|(?P<scope>\{' + _SPACE + rb'"(?:scope|instrumentationLibrary)"' + _SPACE + rb":)"
    rb'|(?P<message>(?<=\n)(?=' + _SPACE + rb'\{' + _SPACE + rb'"resource_?(?:[sS]pans|[lL]ogs)"|\{))'
)  # fmt: skip


class Beginnings:
    """Learns how the spans of this stream begin; `search` finds the next beginning of any kind.

    The match's `lastgroup` says which: span, resource, scope or message.
    """

    def __init__(self) -> None:
        self._pattern = _pattern(_USUAL)
        self._is_learnt = False

    def search(self, data: bytes, at: int, end: int | None = None) -> re.Match[bytes] | None:
        return self._pattern.search(data, at, len(data) if end is None else end)

    def learn(self, raw: bytes) -> None:
        """Go by the first span that was whole: its first three keys, if the first two hold scalars."""
        if self._is_learnt:
            return
        self._is_learnt = True
        keys = []
        at = 1
        for _ in range(2):
            pair = _PAIR.match(raw, at)
            if pair is None:
                return
            keys.append(pair[1])
            at = pair.end()
        third = _KEY.match(raw, at)
        if third is None or b"race" in keys[0]:
            return
        first, second = (_SPACE + re.escape(key) + _COLON + _SCALAR + _COMMA for key in keys)
        self._pattern = _pattern(_USUAL + rb"|\{" + first + second + _SPACE + re.escape(third[1]))


def _pattern(span: bytes) -> re.Pattern[bytes]:
    return re.compile(rb"(?P<span>" + span + rb")|" + _AROUND)
