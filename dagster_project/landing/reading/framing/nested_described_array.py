"""The same as a nested array, of an object that describes it: `{"eval": ..., "samples": [element, ...], ...}`.

What stands before the array goes with each element, as one JSON object; an object without the array has no unit.
"""

from collections.abc import Iterable, Iterator

import msgspec

from dagster_project.formats.base import Enclosure, Unit
from dagster_project.landing.reading.framing import Piece
from dagster_project.landing.reading.framing.nested_array import NestedArraySplitter
from dagster_project.settings import Settings


class DescribedArraySplitter(NestedArraySplitter):
    """Keeps what it lets go before the array, as long as that is no larger than a unit."""

    def __init__(self, key: str, *, limits: Settings) -> None:
        super().__init__(key, limits=limits)
        self.before: list[bytes] = []
        self.before_bytes = 0
        self.enclosure: Enclosure | None = None

    def _let_go(self, stop: int) -> None:
        region = self._region(stop)
        self.before_bytes += len(region)
        if self.before_bytes <= self.limit:
            self.before.append(region)
        super()._let_go(stop)

    def _end_without_array(self) -> None:
        closer = self.buffer[self.start - 1 : self.start]
        if closer == b"}":
            self.step = self._after
        else:
            self._leave_behind(self._fault)

    def _member(self, stop: int, *, is_terminated: bool = True) -> Piece:
        if self.enclosure is None:
            is_kept = self.before_bytes <= self.limit
            # The key of the array itself was let go last: it gets a value to be an object's member.
            self.enclosure = Enclosure(resource=b"".join((*self.before, b"null}")) if is_kept else b"")
            self.before = []
        piece = super()._member(stop, is_terminated=is_terminated)
        return msgspec.structs.replace(piece, enclosure=self.enclosure) if isinstance(piece, Unit) else piece


def split(blocks: Iterable[bytes], *, limits: Settings, key: str) -> Iterator[Piece]:
    """The elements; the bytes of the object before the array are each one's `enclosure.resource`."""
    return DescribedArraySplitter(key, limits=limits).split(blocks)
