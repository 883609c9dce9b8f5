"""Who is first: of units with the same (organization_id, event_id), one lands.

A later one with the same content is a duplicate, one with other content a conflict. Equal units share their
event date, so one date's keys at a time are enough, and memory stays bounded.
"""

from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

LANDED, DUPLICATE, CONFLICT = 0, 1, 2
VERDICTS = 3

KEY_COLUMNS = ["organization_id", "event_id", "content_sha256"]


def landed_keys(files: Iterable[Path]) -> pa.Table | None:
    """Identity and content of the units that have landed in these files."""
    tables = [pq.ParquetFile(path).read(columns=KEY_COLUMNS) for path in files]
    return pa.concat_tables(tables) if tables else None


def keys_of(files: Iterable[Path]) -> Iterator[pa.Table]:
    """The same piece by piece."""
    for path in files:
        for batch in pq.ParquetFile(path).iter_batches(columns=KEY_COLUMNS):
            yield pa.Table.from_batches([batch])


def verdicts(units: pa.Table, *, landed: pa.Table | None) -> np.ndarray:
    """LANDED, DUPLICATE or CONFLICT for each of the units, which stand in the order they were read.

    `units` and `landed` have KEY_COLUMNS; what has landed came before all of them.
    """
    before = 0 if landed is None else len(landed)
    keys = units.select(KEY_COLUMNS) if landed is None else pa.concat_tables([landed, units.select(KEY_COLUMNS)])
    event = _codes(keys["event_id"])
    if before == 0 and int(event.max(initial=-1)) + 1 == len(units):
        return np.zeros(len(units), dtype=np.uint8)  # nearly always: every id is another
    organization = _codes(keys["organization_id"])
    identity = organization * (int(event.max(initial=0)) + 1) + event
    _, first_places, inverse = np.unique(identity, return_index=True, return_inverse=True)
    if before == 0 and len(first_places) == len(units):
        return np.zeros(len(units), dtype=np.uint8)
    first = first_places[inverse]
    content = _codes(keys["content_sha256"])
    result = np.where(content == content[first], DUPLICATE, CONFLICT).astype(np.uint8)
    result[first == np.arange(len(first))] = LANDED
    return result[before:]


def _codes(column: pa.ChunkedArray) -> np.ndarray:
    """Equal numbers for equal texts, from 0 without a gap."""
    encoded = column.combine_chunks().dictionary_encode()
    return encoded.indices.to_numpy(zero_copy_only=False).astype(np.int64)
