"""Reading given byte ranges of a file's decompressed bytes, in one pass."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from dagster_project.landing.reading.compression import Stream
from dagster_project.settings import Settings


def read_ranges(
    settings: Settings, path: Path, *, file_bytes: int, ranges: Sequence[tuple[int, int]]
) -> Iterator[bytes]:
    """The bytes of each (offset, length), which must be in order and not overlap; short at the file's end.

    Memory holds one range and one block. Raises OSError when the file cannot be read.
    """
    if not ranges:
        return
    position = ranges[0][0]
    blocks = Stream(path, file_bytes=file_bytes, settings=settings).blocks(start=position)
    held = b""
    for offset, length in ranges:
        while position + len(held) < offset + length:
            # What lies before the range is dropped block by block.
            if position < offset:
                dropped = min(offset - position, len(held))
                held, position = held[dropped:], position + dropped
            block = next(blocks, None)
            if block is None:
                break
            held += block
        start = max(0, offset - position)
        yield held[start : start + length]
        held, position = held[start:], position + start
