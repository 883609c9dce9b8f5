"""Units with what stands around them: held back while that is not known yet, numbered as they are let go."""

from collections.abc import Iterator

import msgspec

from dagster_project.formats.base import Enclosure, Unit
from dagster_project.landing.reading.framing import Blank, Broken, Piece
from dagster_project.settings import Settings

_HELD_UNITS = 16


class EnclosedUnits:
    """The units of one stream, in order. Writers put the resource before its spans and nothing is held; one that
    comes after them is waited for, within `max_unit_bytes` times 16."""

    def __init__(self, *, limits: Settings) -> None:
        self._held_limit = limits.max_unit_bytes * _HELD_UNITS
        self._number = 0
        self._held: list[Piece] = []
        self._held_bytes = 0
        self._resource: bytes | None = None
        self._scope: bytes | None = None
        self._first_of_scope = 0  # among the held
        self._is_torn = False

    def numbered(self, piece: Piece) -> Piece:
        self._number += 1
        return msgspec.structs.replace(piece, number=self._number)

    def open(self, level: str) -> None:
        """An object around spans begins: what belongs to the one before is forgotten."""
        if level == "resource":
            self._resource, self._is_torn = None, False
        self._scope, self._first_of_scope = None, len(self._held)

    def learn(self, level: str, raw: bytes) -> None:
        """The resource or scope of the object that is open."""
        if level == "resource":
            self._resource = raw
        else:
            self._scope = raw

    def close(self, level: str) -> Iterator[Piece]:
        """The object around spans ends: what it did not say by now it does not say."""
        if level == "scope":
            self._settle_scope()
            if self._resource is not None or self._is_torn:
                yield from self._let_go()
        elif level == "resource":
            yield from self._let_go()
            self._resource = None

    def tear(self) -> Iterator[Piece]:
        """What stands around the coming spans cannot be read."""
        yield from self._let_go()
        self._resource, self._scope, self._is_torn = None, None, True

    def end(self) -> Iterator[Piece]:
        """The message ends."""
        yield from self._let_go()
        self._resource, self._scope, self._is_torn = None, None, False

    def add(self, raw: bytes, offset: int, *, is_enclosed: bool) -> Iterator[Piece]:
        enclosure = Enclosure(self._resource or b"", self._scope or b"", self._is_torn) if is_enclosed else None
        yield from self._add(Unit(raw=raw, number=0, byte_offset=offset, enclosure=enclosure), len(raw))

    def add_broken(self, broken: Broken) -> Iterator[Piece]:
        yield from self._add(broken, len(broken.prefix))

    def add_blank(self, blank: Blank) -> Iterator[Piece]:
        yield from self._add(blank, 0)

    def _add(self, piece: Piece, size: int) -> Iterator[Piece]:
        is_known = self._is_torn or (self._resource is not None and self._scope is not None)
        if not self._held and (is_known or not isinstance(piece, Unit) or piece.enclosure is None):
            yield self.numbered(piece)
            return
        self._held.append(piece)
        self._held_bytes += size
        if self._held_bytes > self._held_limit:
            # Whose spans these are comes too late to wait for it.
            self._is_torn = self._is_torn or self._resource is None
            yield from self._let_go()

    def _settle_scope(self) -> None:
        """Give the held units of the scope that ends what it said of itself."""
        if self._scope:
            first = self._first_of_scope
            self._held[first:] = [_with(piece, scope=self._scope) for piece in self._held[first:]]
        self._first_of_scope = len(self._held)

    def _let_go(self) -> Iterator[Piece]:
        held, self._held, self._held_bytes, self._first_of_scope = self._held, [], 0, 0
        for piece in held:
            yield self.numbered(_with(piece, resource=self._resource or b"", is_torn=self._is_torn))


def _with(piece: Piece, **said: bytes | bool) -> Piece:
    """The piece, with more known of what stands around it."""
    if not isinstance(piece, Unit) or piece.enclosure is None:
        return piece
    return msgspec.structs.replace(piece, enclosure=msgspec.structs.replace(piece.enclosure, **said))
