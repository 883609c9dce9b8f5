"""Write rows into numbered files per flavour and split, with the same bytes every time.

Nothing that varies between machines enters a file: fixed rows a file and a row group, no time stamp. A file is written
by one process, out of the scratch rows that stay.
"""

import hashlib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from dagster_project.training.batches import tables_of
from dagster_project.training.datasets import DATASETS, FLAVOURS, Dataset
from dagster_project.training.writing.flavours import openai_line, trl_message

ROWS_PER_FILE = 50_000
"""Rows of one file: with conversations of 20 kB about a gigabyte before compression."""
ROWS_PER_GROUP = 500
"""Rows of one Parquet row group, and so the rows a writer holds in memory."""
PARQUET_OPTIONS: dict[str, Any] = {"compression": "zstd", "compression_level": 1, "version": "2.6"}


class FileFacts(msgspec.Struct, frozen=True, kw_only=True):
    """A written file, by its path relative to the dataset folder. `rows` is None for what holds no rows."""

    path: str
    bytes: int
    sha256: str
    rows: int | None


class ShardTask(msgspec.Struct, frozen=True, kw_only=True):
    """One file of each flavour: rows `first` to `last` of those that stay of a split."""

    dataset: str
    split: str
    number: int
    count: int
    rows: int
    chunks: tuple[int, int]
    positions: tuple[int, int]
    scratch: Path
    folder: Path
    rows_per_group: int


def file_facts(path: Path, *, folder: Path, rows: int | None) -> FileFacts:
    with path.open("rb") as handle:
        sha256 = hashlib.file_digest(handle, "sha256").hexdigest()
    return FileFacts(path=path.relative_to(folder).as_posix(), bytes=path.stat().st_size, sha256=sha256, rows=rows)


def arrow_array(values: list[Any], type_: pa.DataType) -> pa.Array:
    """The values as an Arrow array; a list of JSON texts becomes a list of JSON values."""
    if pa.types.is_list(type_) and isinstance(type_.value_type, pa.JsonType):
        plain = pa.array(values, pa.list_(type_.value_type.storage_type))
        items = pa.ExtensionArray.from_storage(type_.value_type, plain.values)
        return pa.ListArray.from_arrays(plain.offsets, items, type=type_)
    return pa.array(values, type_)


def shard_name(split: str, number: int, count: int, flavour: str) -> str:
    return f"{split}-{number:05d}-of-{count:05d}.{FLAVOURS[flavour]}"


def shard_tasks(
    dataset: Dataset, placed: Iterable[tuple[str, np.ndarray]], *, chunk_rows: int, scratch: Path, folder: Path
) -> list[ShardTask]:
    """A task for each file. `placed`: splits, and the positions of the rows of each file, ascending."""
    files: dict[str, list[tuple[int, int, int]]] = {}
    for split, positions in placed:
        files.setdefault(split, []).append((int(positions[0]), int(positions[-1]), len(positions)))
    return [
        ShardTask(
            dataset=dataset.name,
            split=split,
            number=number,
            count=len(found),
            rows=rows,
            chunks=(first // chunk_rows, last // chunk_rows),
            positions=(first, last),
            scratch=scratch,
            folder=folder,
            rows_per_group=ROWS_PER_GROUP,
        )
        for split, found in files.items()
        for number, (first, last, rows) in enumerate(found)
    ]


def write_shard(task: ShardTask) -> list[FileFacts]:
    """Write the file of every flavour."""
    dataset = DATASETS[task.dataset]
    paths = {
        flavour: task.folder / flavour / shard_name(task.split, task.number, task.count, flavour)
        for flavour in FLAVOURS
    }
    for path in paths.values():
        path.parent.mkdir(exist_ok=True)
    rows = 0
    with (
        pq.ParquetWriter(paths["canonical"], dataset.schema("canonical"), **PARQUET_OPTIONS) as canonical,
        pq.ParquetWriter(paths["trl"], dataset.schema("trl"), **PARQUET_OPTIONS) as trl,
        paths["openai"].open("wb") as openai,
    ):
        for rows_of_group in tables_of(_kept_rows(task, dataset), size=task.rows_per_group):
            group = rows_of_group.combine_chunks()
            canonical.write_table(group)
            sides: dict[str, list] = {side: group[side].to_pylist() for side in dataset.sides}
            trl.write_table(_trl_group(dataset, group, sides))
            openai.writelines(_openai_lines(dataset, group, sides))
            rows += len(group)
    return [file_facts(path, folder=task.folder, rows=rows) for path in paths.values()]


def _kept_rows(task: ShardTask, dataset: Dataset) -> Iterator[pa.RecordBatch]:
    """The rows that stay, in order."""
    is_kept = np.load(task.scratch / "kept.npy", mmap_mode="r")
    first, last = task.positions
    for chunk in range(task.chunks[0], task.chunks[1] + 1):
        path = task.scratch / f"rows-{task.split}-{chunk:06d}.parquet"
        if not path.exists():
            continue
        table = pq.read_table(path)
        position = table["position"].to_numpy()
        mask = is_kept[position] & (first <= position) & (position <= last)
        yield from table.filter(pa.array(mask)).select(dataset.schema("canonical").names).to_batches()


def _trl_group(dataset: Dataset, group: pa.Table, sides: dict[str, list]) -> pa.Table:
    schema = dataset.schema("trl")
    columns = [
        arrow_array([[trl_message(message) for message in messages] for messages in sides[field.name]], field.type)
        if field.name in sides
        else group[field.name]
        for field in schema
    ]
    return pa.table(columns, schema=schema)


def _openai_lines(dataset: Dataset, group: pa.Table, sides: dict[str, list]) -> Iterator[bytes]:
    labels = group["label"].to_pylist() if "label" in dataset.facts else [None] * len(group)
    for number, label in enumerate(labels):
        yield openai_line({side: values[number] for side, values in sides.items()}, dataset, label=label)
