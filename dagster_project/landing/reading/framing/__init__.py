"""Cutting a stream of decompressed bytes into units, without ever holding the stream.

Every framing module offers `split(blocks, *, limits)`. What it must hold:
- `blocks` are non-empty byte strings of any length; a unit may span any number of them. Memory stays
  below a few times `limits.max_unit_bytes`, whatever the stream holds.
- Every unit of the stream is yielded exactly once, in order, numbered from 1 without gaps, as a `Unit`
  (cut out whole), a `Broken` (cannot be cut out: too large, torn) or a `Blank` (nothing in it).
- A broken unit never takes its neighbours with it. Nothing is raised for bad input.
- `byte_offset` counts decompressed bytes from the start of the stream; `raw` are exactly the stream's
  bytes from there on, so that a reader can find the unit again.
"""

import functools
import importlib
from collections.abc import Callable, Iterable, Iterator

import msgspec

from dagster_project.formats.base import Framing, Unit
from dagster_project.settings import Settings

PREFIX_BYTES = 4096
"""How much of a unit that is too large to buffer is kept for a person to look at."""


class Broken(msgspec.Struct, frozen=True):
    """A unit that could not be cut out: it goes to quarantine with its first bytes and the hash of all.

    `is_tail` marks an end that may still be being written: it waits as pending, once.
    """

    reason: str
    detail: str
    number: int
    byte_offset: int
    byte_length: int
    prefix: bytes
    raw_sha256: str
    line_number: int | None = None
    is_tail: bool = False


class Blank(msgspec.Struct, frozen=True):
    """A unit with nothing in it: counted, not kept."""

    number: int
    byte_offset: int
    byte_length: int
    is_terminated: bool = True


Piece = Unit | Broken | Blank
Splitter = Callable[..., Iterator[Piece]]


def splitter(framing: Framing) -> Splitter:
    """The `split(blocks: Iterable[bytes], *, limits: Settings) -> Iterator[Piece]` of that framing."""
    kind, _, key = framing.partition(":")
    if key:
        return functools.partial(importlib.import_module(f"{__name__}.nested_{kind}").split, key=key)
    return importlib.import_module(f"{__name__}.{framing}").split


def pieces(framing: Framing, blocks: Iterable[bytes], *, limits: Settings) -> Iterator[Piece]:
    """All units of the stream, in order."""
    return splitter(framing)(blocks, limits=limits)
