"""Whether bytes begin with an OTLP message in protobuf: field by field down to the first span, by lengths alone."""

_RESOURCE_SPANS, _SCOPE_SPANS, _SPAN_TAG = 0x0A, 0x12, 0x12
_TEXT_OR_MESSAGE = (0x0A, 0x12, 0x1A)
_SPAN_BEGINNING = b"\x0a\x10"
_TRACE_ID_BYTES = 16


class _OutOfSightError(Exception):
    """The head ends before what is looked for."""


def span_is_ahead(start: bytes, *, is_whole: bool) -> bool:
    """Whether the walk from the first byte leads to a span that begins with a trace id of 16 bytes.

    When the head ends on the way, what was seen must have been right so far, and there must have been a resource.
    """
    for skipped in (0, 4) if start[:1] == b"\0" else (0, None):
        try:
            at = _after_varint(start, 0) if skipped is None else skipped
            if _leads_to_span(start, at):
                return True
        except _OutOfSightError:
            if not is_whole and start[:1] in (b"\x0a", b"\0"):
                return True
    return False


def _leads_to_span(data: bytes, at: int) -> bool:
    if _byte(data, at) != _RESOURCE_SPANS:
        return False
    at, end = _inside(data, at)
    while at < end:
        if _byte(data, at) not in _TEXT_OR_MESSAGE:
            return False
        inner, inner_end = _inside(data, at)
        if inner_end > end:
            return False
        if _byte(data, at) == _SCOPE_SPANS:
            return _scope_leads_to_span(data, inner, inner_end)
        at = inner_end
    return False


def _scope_leads_to_span(data: bytes, at: int, end: int) -> bool:
    while at < end:
        if _byte(data, at) not in _TEXT_OR_MESSAGE:
            return False
        inner, inner_end = _inside(data, at)
        if inner_end > end:
            return False
        if _byte(data, at) == _SPAN_TAG:
            _byte(data, inner + 1)
            return data[inner : inner + 2] == _SPAN_BEGINNING
        at = inner_end
    return False


def _byte(data: bytes, at: int) -> int:
    if at >= len(data):
        raise _OutOfSightError
    return data[at]


def _inside(data: bytes, at: int) -> tuple[int, int]:
    """Beginning and end of what the length-delimited field at that place holds."""
    begin = _after_varint(data, at + 1)
    length = 0
    for place, byte in enumerate(data[at + 1 : begin]):
        length |= (byte & 0x7F) << (7 * place)
    return begin, begin + length


def _after_varint(data: bytes, at: int) -> int:
    while _byte(data, at) > 0x7F:
        at += 1
    return at + 1
