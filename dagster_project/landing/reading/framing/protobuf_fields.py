"""The fields of a protobuf message, by their first bytes: number, kind and length."""

from dagster_project.landing.reading.framing.window import Window

# Wire types: a varint, a fixed number of bytes, or a length and that many bytes.
_VARINT, _LENGTH_DELIMITED = 0, 2
_FIXED_BYTES = {1: 8, 5: 4}
_LARGEST_VARINT_BYTES = 10


class TornError(Exception):
    """A field cannot be what its first bytes say."""


def read_field(window: Window, end: int) -> tuple[int, int]:
    """Number of the field that begins here, and the offset of its end; the window stands at its content.

    Raises TornError when it would reach beyond the end of the message that it lies in.
    """
    tag = read_varint(window)
    number, wire_type = tag >> 3, tag & 7
    if wire_type == _LENGTH_DELIMITED:
        length = read_varint(window)
        field_end = window.position + length
    elif wire_type == _VARINT:
        read_varint(window)
        field_end = window.position
    elif wire_type in _FIXED_BYTES:
        field_end = window.position + _FIXED_BYTES[wire_type]
    else:
        raise TornError
    if field_end > end or number == 0:
        raise TornError
    return number, field_end


def read_varint(window: Window) -> int:
    """The number that begins here. Raises TornError when it does not end."""
    value = 0
    for place in range(_LARGEST_VARINT_BYTES):
        if not window.holds(1):
            raise TornError
        byte = window.buffer[window.at]
        window.at += 1
        value |= (byte & 0x7F) << (7 * place)
        if byte < 0x80:
            return value
    raise TornError
