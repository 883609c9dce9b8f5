"""Elements of one JSON array."""

from collections.abc import Iterable, Iterator

from dagster_project.landing.reading.framing import Piece
from dagster_project.landing.reading.framing.members import MemberSplitter
from dagster_project.settings import Settings


def split(blocks: Iterable[bytes], *, limits: Settings) -> Iterator[Piece]:
    """The elements; `raw` is the element without the space around it."""
    return MemberSplitter("array", limits=limits).split(blocks)
