"""The texts of one export, one after the other in a file: a row's parts say where each of theirs lies.

A database that sorts and joins texts holds more of them in memory than it may; here they are written once, as they
are read, and fetched by whoever works on a row.
"""

import os
from collections.abc import Generator, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pyarrow as pa


def write_texts(path: Path, batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """Write the column `text` (without null) of each batch to the file.

    The batches follow with `first_byte` and `byte_count` in its place.
    """
    position = 0
    with path.open("wb") as file:
        for batch in batches:
            texts = batch.column("text").cast(pa.large_string())
            # Buffers of a large string array: validity, places of the texts, the texts themselves.
            _, places, content = texts.buffers()
            bounds = np.frombuffer(places, np.int64)[texts.offset : texts.offset + len(texts) + 1]
            if content is not None:
                file.write(memoryview(content)[bounds[0] : bounds[-1]])
            columns = {name: batch.column(name) for name in batch.schema.names if name != "text"}
            columns |= {
                "first_byte": pa.array(bounds[:-1] - bounds[0] + position),
                "byte_count": pa.array(np.diff(bounds)),
            }
            position += int(bounds[-1] - bounds[0])
            yield pa.RecordBatch.from_pydict(columns)


class TextFile:
    """Reads texts by their place. The pages it reads belong to the kernel, not to this process."""

    def __init__(self, handle: int) -> None:
        self._handle = handle

    def read(self, first_byte: int | None, byte_count: int | None) -> str | None:
        """The text there; None for no place."""
        if first_byte is None or byte_count is None:
            return None
        return os.pread(self._handle, byte_count, first_byte).decode()


@contextmanager
def open_texts(path: Path) -> Generator[TextFile]:
    handle = os.open(path, os.O_RDONLY)
    try:
        yield TextFile(handle)
    finally:
        os.close(handle)
