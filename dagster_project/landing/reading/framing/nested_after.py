"""Another framing whose units know the one before them: `enclosure.resource` is its bytes, empty for the first.

What a running total grew by lies between two units; a unit that could not be cut out leaves that unknown.
"""

from collections.abc import Iterable, Iterator

import msgspec

from dagster_project.formats.base import Enclosure, Unit
from dagster_project.landing.reading.framing import Blank, Piece, splitter
from dagster_project.settings import Settings


def split(blocks: Iterable[bytes], *, limits: Settings, key: str) -> Iterator[Piece]:
    """The units of the framing `key`, as it yields them."""
    before = Enclosure()
    for piece in splitter(key)(blocks, limits=limits):
        if isinstance(piece, Unit):
            yield msgspec.structs.replace(piece, enclosure=before)
            before = Enclosure(resource=piece.raw)
        else:
            yield piece
            before = before if isinstance(piece, Blank) else Enclosure(is_torn=True)
