"""How a file begins: what detection is given to look at."""

from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from dagster_project.formats.base import Head
from dagster_project.landing.reading.archives import Archive
from dagster_project.landing.reading.compression import Stream, compression_of
from dagster_project.landing.reading.framing.lines import BYTE_ORDER_MARK
from dagster_project.settings import Settings

HEAD_BYTES = 1 << 16
HEAD_MEMBERS = 10_000
_FEW_LINES = 10


def read_head(path: Path, *, display: str, file_bytes: int, settings: Settings) -> Head:
    """The file's first decompressed bytes, less a byte order mark. Raises OSError when it cannot be read."""
    if is_archive(path):
        return _archive_head(path, display=display, file_bytes=file_bytes, settings=settings)
    blocks = Stream(path, file_bytes=file_bytes, settings=settings).blocks()
    return _head(blocks, display=display, size=HEAD_BYTES)


def further_heads(path: Path, head: Head, *, file_bytes: int, settings: Settings) -> Iterator[Head]:
    """Where a file of lines may be known by, though its first lines are very long: a longer head, then its second line.

    Raises OSError when it cannot be read.
    """
    if head.is_whole or head.members or head.start.count(b"\n") >= _FEW_LINES:
        return
    display = str(head.path)
    longer = _head(
        Stream(path, file_bytes=file_bytes, settings=settings).blocks(),
        display=display,
        size=2 * settings.max_unit_bytes + HEAD_BYTES,
    )
    yield longer
    if not longer.is_whole and b"\n" not in longer.start:
        blocks = _after_first_line(Stream(path, file_bytes=file_bytes, settings=settings).blocks())
        yield _head(blocks, display=display, size=HEAD_BYTES)


def _head(blocks: Iterator[bytes], *, display: str, size: int) -> Head:
    start = bytearray()
    is_whole = True
    for block in blocks:
        start += block
        if len(start) > size:
            is_whole = False
            break
    return Head(PurePosixPath(display), bytes(start[:size]).removeprefix(BYTE_ORDER_MARK), is_whole)


def _after_first_line(blocks: Iterator[bytes]) -> Iterator[bytes]:
    for block in blocks:
        _, newline, rest = block.partition(b"\n")
        if newline:
            yield rest
            break
    yield from blocks


def is_archive(path: Path) -> bool:
    """Whether the file is a zip archive, going by how it begins. Raises OSError."""
    with path.open("rb") as handle:
        return compression_of(handle.read(4)) == "zip"


def _archive_head(path: Path, *, display: str, file_bytes: int, settings: Settings) -> Head:
    with path.open("rb") as handle:
        names = [member.name for member in Archive(handle, file_bytes=file_bytes, settings=settings).members]
        handle.seek(0)
        start = handle.read(min(file_bytes, HEAD_BYTES))
    return Head(PurePosixPath(display), start, len(start) == file_bytes, members=tuple(names[:HEAD_MEMBERS]))
