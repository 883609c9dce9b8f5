"""What a native line says, as one text: equal for equal lines, whatever their key order or a number's spelling.

A member that is null says the same as one that is not there. Members with a place stand in a fixed order, each by
its column's type; texts stand as their hash. Both ways of decoding write the same text: one line, or whole columns.
"""

import struct
from typing import Any

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from dagster_project import records

SEPARATOR, ABSENT, ESCAPE, WITHIN, PAIR = "\x1f", "\x1e", "\x1d", "\x1c", "\x1a"
RESERVED = rb"\\u001[ac-fAC-F]"
"""How JSON writes the characters above; a line without them needs no escaping."""

_RESERVED_LETTERS = (SEPARATOR, ABSENT, ESCAPE, WITHIN, PAIR)
_ESCAPES = str.maketrans({letter: f"{ESCAPE}{place}" for place, letter in enumerate(_RESERVED_LETTERS)})
_BEYOND = 2.0**63
_encode = msgspec.json.Encoder(order="sorted").encode


def number_text(value: float) -> str:
    """A real number by its bits: 1 and 1.0 are one number, and so are 0.0 and -0.0."""
    return str(struct.unpack("<q", struct.pack("<d", float(value) + 0.0))[0])


def json_text(value: Any) -> str:
    """Nested values: whole numbers written as such, keys sorted."""
    return _encode(_plain(value)).decode()


def label_texts(labels: dict[str, Any]) -> dict[str, str]:
    """Labels as they land: scalars as text, null ones not at all."""
    return {
        key: value if type(value) is str else json_text(value) for key, value in labels.items() if value is not None
    }


def content_text(content: dict[str, Any], *, keys: dict[str, pa.DataType], hashes: dict[str, str]) -> bytes:
    """The text of one parsed line.

    `keys` are the members with a place and their types, in order; `hashes` stand for the texts among them.
    """
    texts = [_text(content.get(key), kind) if key not in hashes else hashes[key] for key, kind in keys.items()]
    others = {key: value for key, value in content.items() if key not in keys}
    if others:
        texts.append(json_text(others))
    return SEPARATOR.join(texts).encode()


def content_texts(columns: dict[str, pa.Array], *, keys: dict[str, pa.DataType]) -> pa.Array:
    """The texts of many lines from their columns (of texts, their hashes); no column means absent everywhere."""
    parts: list[Any] = []
    absent = 0
    for key in keys:
        if key not in columns:
            absent += 1
            continue
        if absent:
            parts.append(pa.scalar(SEPARATOR.join([ABSENT] * absent)))
            absent = 0
        parts.append(_labels(columns[key]) if pa.types.is_map(keys[key]) else _texts(columns[key]))
    if absent:
        parts.append(pa.scalar(SEPARATOR.join([ABSENT] * absent)))
    return _joined(parts, SEPARATOR)


def _text(value: Any, kind: pa.DataType) -> str:
    if value is None:
        return ABSENT
    if type(value) is str:
        return _escaped(value)
    if type(value) is bool:
        return "true" if value else "false"
    if kind == records.REAL and type(value) in (int, float):
        return number_text(value)
    if type(value) is dict and pa.types.is_struct(kind):
        return _struct_text(value, kind)
    if type(value) is dict and pa.types.is_map(kind):
        pairs = sorted(label_texts(value).items())
        return "".join(f"{WITHIN}{_escaped(key)}{PAIR}{_escaped(label)}" for key, label in pairs)
    return str(value) if type(value) is int else json_text(value)


def _texts(column: pa.Array) -> pa.Array:
    if column.type == records.TEXT:
        return column
    if column.type == records.REAL:
        bits = (column.fill_null(0.0).to_numpy(zero_copy_only=False) + 0.0).view(np.int64)
        return pc.cast(pa.array(bits, mask=_nulls(column)), records.TEXT)
    if pa.types.is_struct(column.type):
        joined = _joined([_texts(child) for child in column.flatten()], WITHIN)
        return pc.call_function("if_else", [column.is_valid(), joined, pa.scalar(None, records.TEXT)])
    if pa.types.is_list(column.type):
        values = [None if value is None else json_text(value) for value in column.to_pylist()]
        return pa.array(values, records.TEXT)
    return pc.cast(column, records.TEXT)


def _struct_text(value: dict[str, Any], kind: pa.StructType) -> str:
    names = {field.name for field in kind}
    texts = [_text(value.get(field.name), field.type) for field in kind]
    others = {key: child for key, child in value.items() if key not in names}
    return WITHIN.join([*texts, json_text(others)] if others else texts)


def _labels(column: pa.StructArray) -> pa.Array:
    """Of labels that are a struct with their keys, in order."""
    pairs = [
        _joined([pa.scalar(f"{WITHIN}{field.name}"), child], PAIR, null_handling="emit_null").fill_null("")
        for field, child in zip(column.type, column.flatten(), strict=True)
    ]
    joined = _joined(pairs, "") if pairs[1:] else pairs[0]
    return pc.call_function("if_else", [column.is_valid(), joined, pa.scalar(None, records.TEXT)])


def _joined(parts: list[Any], separator: str, *, null_handling: str = "replace") -> pa.Array:
    options = pc.JoinOptions(null_handling=null_handling, null_replacement=ABSENT)
    return pc.call_function("binary_join_element_wise", [*parts, pa.scalar(separator)], options)


def _nulls(column: pa.Array) -> np.ndarray | None:
    return column.is_null().to_numpy(zero_copy_only=False) if column.null_count else None


def _escaped(text: str) -> str:
    return text.translate(_ESCAPES) if any(letter in text for letter in _RESERVED_LETTERS) else text


def _plain(value: Any) -> Any:
    if type(value) is dict:
        return {key: _plain(child) for key, child in value.items()}
    if type(value) is list:
        return [_plain(child) for child in value]
    return int(value) if type(value) is float and value.is_integer() and abs(value) < _BEYOND else value
