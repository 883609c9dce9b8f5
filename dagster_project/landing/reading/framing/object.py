"""Key → value pairs of one JSON object."""

from collections.abc import Iterable, Iterator

from dagster_project.landing.reading.framing import Piece
from dagster_project.landing.reading.framing.members import MemberSplitter
from dagster_project.settings import Settings


def split(blocks: Iterable[bytes], *, limits: Settings) -> Iterator[Piece]:
    """The pairs; `raw` is `"key": value` as written, `key` the decoded key."""
    return MemberSplitter("object", limits=limits).split(blocks)
