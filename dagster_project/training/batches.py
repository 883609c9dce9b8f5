"""Streams of record batches, cut into tables of so many rows."""

from collections.abc import Iterable, Iterator

import pyarrow as pa


def tables_of(batches: Iterable[pa.RecordBatch], *, size: int) -> Iterator[pa.Table]:
    """The rows in tables of exactly `size`, the last one of what is left."""
    held: list[pa.RecordBatch] = []
    held_rows = 0
    for batch in batches:
        while len(batch):
            part = batch.slice(0, size - held_rows)
            batch = batch.slice(len(part))
            held.append(part)
            held_rows += len(part)
            if held_rows == size:
                yield pa.Table.from_batches(held)
                held, held_rows = [], 0
    if held:
        yield pa.Table.from_batches(held)
