"""Arrow values as JSON text, exactly: what JSON cannot say is written so that a strict reader refuses it.

Infinity and NaN are written as such, bytes that are no UTF-8 stay as they are, a time beyond the calendar is told as
the number it is. Nothing is rounded, and no NULL becomes a value.
"""

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import msgspec
import pyarrow as pa

_encode = msgspec.json.Encoder().encode
_EPOCH = dt.datetime(1970, 1, 1)
_NOT_UTF_8 = b'"\xff"'
_PER_SECOND = {"s": 1, "ms": 10**3, "us": 10**6, "ns": 10**9}


def texts_of(column: pa.Array) -> list[bytes | None]:
    """Each value's JSON text, None for NULL."""
    if pa.types.is_dictionary(column.type):
        column = column.dictionary_decode()
    kind = column.type
    if pa.types.is_timestamp(kind):
        return [None if ticks is None else _instant(ticks, kind.unit) for ticks in column.cast(pa.int64()).to_pylist()]
    if _is_text(kind):
        return [None if value is None else _text(value) for value in column.cast(pa.large_binary()).to_pylist()]
    write = _writer(kind)
    return [None if value is None else write(value) for value in _values(column)]


def _values(column: pa.Array) -> list[Any]:
    try:
        return column.to_pylist()
    except (UnicodeDecodeError, ValueError, OverflowError):
        return [_value(scalar) for scalar in column]


def _value(scalar: pa.Scalar) -> Any:
    try:
        return scalar.as_py()
    except (UnicodeDecodeError, ValueError, OverflowError):
        return b"\xff"


def _is_text(kind: pa.DataType) -> bool:
    checks = ("is_string", "is_large_string", "is_string_view", "is_binary", "is_large_binary", "is_binary_view")
    return any(getattr(pa.types, check)(kind) for check in checks)


def _writer(kind: pa.DataType) -> Callable[[Any], bytes]:
    if pa.types.is_integer(kind):
        return lambda value: b"%d" % value
    return _maps_as_objects if pa.types.is_map(kind) else _json


def _json(value: Any) -> bytes:
    """JSON text of a Python value as Arrow gives it; keys of an object that are NULL are left out."""
    if value is None:
        return b"null"
    if type(value) is float:
        return repr(value).replace("nan", "NaN").replace("inf", "Infinity").encode()
    if isinstance(value, Decimal):
        return format(value, "f").encode() if value.is_finite() else b"NaN"
    if isinstance(value, bytes):
        return _text(value)
    if isinstance(value, dt.datetime):
        return _encode(value.replace(tzinfo=dt.UTC) if value.tzinfo is None else value)
    if isinstance(value, dict):
        members = [(key, member) for key, member in value.items() if member is not None]
        return b"{%s}" % b",".join(b"%s:%s" % (_encode(key), _json(member)) for key, member in members)
    if isinstance(value, list):
        is_map = bool(value) and all(type(member) is tuple for member in value)
        return _maps_as_objects(value) if is_map else b"[%s]" % b",".join(map(_json, value))
    return _encode(value) if isinstance(value, str | int | bool) else _encode(str(value))


def _maps_as_objects(entries: list[tuple[Any, Any]]) -> bytes:
    """A map as an object, a key that stands twice written twice."""
    texts = [(key if isinstance(key, str) else str(key), _json(member)) for key, member in entries]
    return b"{%s}" % b",".join(b"%s:%s" % (_encode(key), text) for key, text in texts)


def _text(value: bytes) -> bytes:
    try:
        return _encode(value.decode("utf-8"))
    except UnicodeDecodeError:
        return _NOT_UTF_8 if b'"' in value or b"\n" in value or b"\\" in value else b'"%s"' % value


def _instant(ticks: int, unit: str) -> bytes:
    """RFC 3339 in UTC, of up to nine digits."""
    seconds, rest = divmod(ticks, _PER_SECOND[unit])
    try:
        whole = (_EPOCH + dt.timedelta(seconds=seconds)).isoformat()
    except OverflowError:
        return _encode(f"{ticks} {unit} since 1970")
    digits = len(str(_PER_SECOND[unit])) - 1
    fraction = f".{rest:0{digits}d}".rstrip("0").rstrip(".") if digits else ""
    return f'"{whole}{fraction}Z"'.encode()
