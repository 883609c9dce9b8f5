"""Leaves of objects that nest below one key: `{"start": ..., "tests": {"a": leaf, "b": {"tests": {"c": leaf}}}}`.

A node that has no object at that key is a leaf, and a unit: its `key: value` pair. The document must fit into
`max_document_bytes`. Its other members go with each leaf as `enclosure.resource`, the keys on the way as
`enclosure.scope`.
"""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

import msgspec

from dagster_project.formats.base import Enclosure, Rejected, Unit
from dagster_project.formats.strict_json import parse
from dagster_project.landing.reading.framing import Piece
from dagster_project.landing.reading.framing.document import split as split_document
from dagster_project.landing.reading.framing.json_scanner import SPACE
from dagster_project.landing.reading.framing.object import split as split_object
from dagster_project.landing.reading.framing.passed import passed
from dagster_project.settings import Settings

_HEADER_SHARE = 16
"""Every leaf is judged with its header: one may take no more than this part of a unit."""


class _Node(NamedTuple):
    """The bytes of an object, their place in the stream, and the keys on the way to it."""

    raw: bytes
    offset: int
    path: tuple[str, ...]


def split(blocks: Iterable[bytes], *, limits: Settings, key: str) -> Iterator[Piece]:
    """The leaves in order. A document without an object at `key` is one broken unit."""
    number = 0
    for whole in split_document(blocks, limits=limits):
        found = _leaves_of(whole, key, limits) if isinstance(whole, Unit) else [whole]
        for piece in found:
            number += 1
            yield msgspec.structs.replace(piece, number=number)


def _leaves_of(document: Unit, key: str, limits: Settings) -> Iterator[Piece]:
    whole = passed(document.raw, byte_offset=document.byte_offset)
    too_deep = _depth_fault(document.raw, limits)
    if too_deep:
        yield whole.broken(1, reason="too_deep", detail=too_deep)
        return
    members = list(split_object([document.raw], limits=limits))
    children = _pair(members, key)
    node = None if children is None else _object_in(children, _Node(document.raw, document.byte_offset, ()))
    if node is None:
        is_cut_off = document.raw.startswith(b"{") and not document.raw.endswith(b"}")
        detail = f"not a JSON object with one object {key!r}"
        yield whole.broken(1, reason="bad_json" if is_cut_off else "format_error", detail=detail, is_tail=is_cut_off)
        return
    others = [member.raw for member in members if isinstance(member, Unit) and member is not children]
    header = b"{" + b",".join(others) + b"}"
    if len(header) > limits.max_unit_bytes // _HEADER_SHARE:
        detail = f"{len(header)} bytes stand around the leaves, more than {limits.max_unit_bytes // _HEADER_SHARE}"
        yield whole.broken(1, reason="too_large", detail=detail)
        return
    torn = [member for member in members if not isinstance(member, Unit)]
    yield from (msgspec.structs.replace(piece, byte_offset=piece.byte_offset + document.byte_offset) for piece in torn)
    for piece, path in _walk(node, key, limits):
        if isinstance(piece, Unit):
            around = Enclosure(resource=header, scope=msgspec.json.encode(path), is_torn=bool(torn))
            yield msgspec.structs.replace(piece, enclosure=around)
        else:
            yield piece


def _pair(members: Iterable[Piece], key: str) -> Unit | None:
    """The member of that key; None when there is none, or more than one and nobody knows which counts."""
    found = [member for member in members if isinstance(member, Unit) and member.key == key]
    return found[0] if len(found) == 1 else None


def _depth_fault(raw: bytes, limits: Settings) -> str | None:
    """Why the document nests too deeply; looked at first, because every level is scanned anew."""
    try:
        parse(raw, limits=limits)
    except Rejected as rejected:
        return rejected.detail if rejected.reason == "too_deep" else None
    return None


def _walk(node: _Node, key: str, limits: Settings) -> Iterator[tuple[Piece, tuple[str, ...]]]:
    """Every leaf below the node with the keys on its way; a torn one alone. An explicit stack: depth is the file's."""
    stack = [_members(node, limits)]
    while stack:
        found = next(stack[-1], None)
        if found is None:
            stack.pop()
            continue
        piece, here = found
        below = None if here is None else _below(here, key, limits)
        if below is not None:
            stack.append(_members(below, limits))
        else:
            yield piece, here.path if here is not None else ()


def _members(node: _Node, limits: Settings) -> Iterator[tuple[Piece, _Node | None]]:
    """Members of the node's object, at their place in the stream; as nodes those whose value is an object."""
    for piece in split_object([node.raw], limits=limits):
        placed = msgspec.structs.replace(piece, byte_offset=piece.byte_offset + node.offset)
        if not isinstance(piece, Unit):
            yield placed, None
            continue
        path = (*node.path, piece.key or "")
        yield placed, _object_in(piece, node, path=path) or _Node(b"", 0, path)


def _below(node: _Node, key: str, limits: Settings) -> _Node | None:
    """The object at `key` of the node, None when it is a leaf."""
    if f'"{key}"'.encode() not in node.raw:
        return None
    pair = _pair(split_object([node.raw], limits=limits), key)
    return None if pair is None else _object_in(pair, node, path=node.path)


def _object_in(pair: Unit, around: _Node, *, path: tuple[str, ...] = ()) -> _Node | None:
    """The pair's value when it is an object; offsets of the pair are within `around`."""
    after_key = _end_of_key(pair.raw)
    value = pair.raw[after_key:].lstrip(SPACE)
    if not value.startswith(b"{"):
        return None
    return _Node(value, around.offset + pair.byte_offset + len(pair.raw) - len(value), path)


def _end_of_key(raw: bytes) -> int:
    """Behind the colon of a `"key": value` pair."""
    at = 1
    while raw[at : at + 1] != b'"':
        at += 2 if raw[at : at + 1] == b"\\" else 1
    return raw.index(b":", at) + 1
