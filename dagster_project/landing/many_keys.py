"""Who is first among very many units of one date: as `duplicates.verdicts`, in bounded memory.

Keys are hashed to 128 bits and dealt, by their hash, to files of a few million each: equal keys meet in one file, and
one file at a time is judged.
"""

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa

from dagster_project.landing.duplicates import CONFLICT, DUPLICATE, KEY_COLUMNS, LANDED

MANY = 1 << 20
"""From so many units of one date on, hashing costs less than holding them."""

KEYS_PER_FILE = 1 << 22
_BATCH_ROWS = 1 << 16
_SHA256_DIGITS = 64
# A key is five numbers: two of its identity's hash, two of its content's, and its place among all.
_IDENTITY, _CONTENT, _PLACE, _WIDTH = slice(0, 2), slice(2, 4), 4, 5


def verdicts_of_many(
    units: Sequence[pa.Table],
    *,
    landed: Iterable[pa.Table],
    landed_count: int,
    work: Path,
    keys_per_file: int = KEYS_PER_FILE,
) -> np.ndarray:
    """LANDED, DUPLICATE or CONFLICT for each row of the units' tables, in order; all have KEY_COLUMNS.

    What has landed comes before all of them. `work` is a folder for files that are gone afterwards.
    """
    unit_count = sum(len(table) for table in units)
    result = np.zeros(unit_count, dtype=np.uint8)
    rows = _hashed_batches(landed, units)
    for keys in in_shares(rows, count=landed_count + unit_count, work=work, keys_per_file=keys_per_file):
        judged = _judged(keys)
        is_unit = keys[:, _PLACE] >= landed_count
        result[keys[is_unit, _PLACE] - np.uint64(landed_count)] = judged[is_unit]
    return result


def in_shares(
    rows: Iterable[np.ndarray], *, count: int, work: Path, keys_per_file: int = KEYS_PER_FILE
) -> Iterator[np.ndarray]:
    """The rows of whole numbers (uint64), `count` of them in all, in shares that are small enough to be looked at.

    Rows whose first number is equal are in one share; within a share the rows keep their order.
    """
    if count <= keys_per_file:
        blocks = list(rows)
        if blocks:
            yield np.concatenate(blocks)
        return
    files = [work / f"keys-{number:04d}.bin" for number in range(-(-count // keys_per_file))]
    width = 0
    for block in rows:
        width = block.shape[1]
        chosen = block[:, 0] % np.uint64(len(files))
        for number, file in enumerate(files):
            with file.open("ab") as handle:
                handle.write(block[chosen == number].tobytes())
    for file in files:
        yield np.fromfile(file, dtype=np.uint64).reshape(-1, width)
        file.unlink()


def sha256_numbers(texts: pa.Array) -> np.ndarray:
    """The first 128 bits of hashes written in hexadecimal, as two numbers each."""
    digits = "".join(text[: _SHA256_DIGITS // 2] for text in texts.to_pylist())
    return np.frombuffer(bytes.fromhex(digits), dtype="<u8").reshape(-1, 2)


def groups_of(rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """For each row the position of the first one equal to it; and the positions of these first ones, in order."""
    order = np.lexsort(rows.T)  # stable: of equal rows the first comes first
    ordered = rows[order]
    is_first = np.ones(len(rows), dtype=bool)
    is_first[1:] = (ordered[1:] != ordered[:-1]).any(axis=1)
    firsts = order[is_first]
    first_of = np.empty(len(rows), dtype=np.int64)
    first_of[order] = firsts[np.cumsum(is_first) - 1]
    return first_of, np.sort(firsts)


def _hashed_batches(landed: Iterable[pa.Table], units: Sequence[pa.Table]) -> Iterator[np.ndarray]:
    place = 0
    for tables in (landed, units):
        for table in tables:
            for batch in table.select(KEY_COLUMNS).to_batches(max_chunksize=_BATCH_ROWS):
                yield _hashed(batch, first_place=place)
                place += len(batch)


def _hashed(batch: pa.RecordBatch, *, first_place: int) -> np.ndarray:
    blake2b = hashlib.blake2b
    organizations = batch["organization_id"].cast(pa.binary()).to_pylist()
    events = batch["event_id"].cast(pa.binary()).to_pylist()
    # No id holds a NUL byte, so that it can stand between two.
    digests = b"".join(
        blake2b(organization + b"\0" + event, digest_size=16).digest()
        for organization, event in zip(organizations, events, strict=True)
    )
    keys = np.empty((len(organizations), _WIDTH), dtype=np.uint64)
    keys[:, _IDENTITY] = np.frombuffer(digests, dtype="<u8").reshape(-1, 2)
    keys[:, _CONTENT] = sha256_numbers(batch["content_sha256"])
    keys[:, _PLACE] = np.arange(first_place, first_place + len(keys))
    return keys


def _judged(keys: np.ndarray) -> np.ndarray:
    """The verdict of each key, in their order, which is that of their places."""
    first_of, _ = groups_of(keys[:, _IDENTITY])
    content = keys[:, _CONTENT]
    is_same = (content == content[first_of]).all(axis=1)
    verdict = np.where(is_same, DUPLICATE, CONFLICT).astype(np.uint8)
    verdict[first_of == np.arange(len(keys))] = LANDED
    return verdict
