"""Scratch rows of a chunk: the canonical flavour and each row's place, in a file for each split.

Columns are built whole: what the selection knows of a row passes through without becoming Python objects.
"""

from collections.abc import Sequence
from itertools import accumulate
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from dagster_project.training.datasets import MESSAGE, SIDE_TEXT, SPLITS, Dataset
from dagster_project.training.texts.conversations import Message

_CALLS = MESSAGE.field("tool_calls")
_PLAIN = tuple(field for field in MESSAGE if field != _CALLS)


def write_scratch_rows(
    dataset: Dataset,
    examples: pa.Table,
    *,
    sides: Sequence[dict[str, list[Message]]],
    tokens: np.ndarray,
    beside: Sequence[str | None],
    folder: Path,
    chunk: int,
) -> None:
    """Write `rows-<split>-<chunk>.parquet`. All arguments in the order of the rows, `examples` with their facts."""
    schema = dataset.schema("canonical").append(pa.field("position", pa.int64()))
    made: dict[str, pa.Array] = {
        "tokens": pa.array(tokens),
        "tools": pa.repeat("[]", len(examples)),
        SIDE_TEXT: pa.array(beside, pa.string()),
        **{
            f"{'' if side == 'messages' else 'prompt_'}message_count": pa.array([len(row[side]) for row in sides])
            for side in dataset.sides
            if side in ("messages", "prompt")
        },
        **{side: message_lists([row[side] for row in sides]) for side in dataset.sides},
    }
    columns = [made[field.name] if field.name in made else _fact(examples[field.name], field.type) for field in schema]
    table = pa.table(columns, schema=schema)
    split = np.array(examples["split"].to_pylist(), object)
    for name in SPLITS:
        rows = table.filter(pa.array(split == name, pa.bool_()))
        if len(rows):
            pq.write_table(rows, folder / f"rows-{name}-{chunk:06d}.parquet", compression="lz4")


def message_lists(rows: Sequence[list[Message]]) -> pa.Array:
    """The messages of each row as a column of the canonical flavour."""
    messages = [message for row in rows for message in row]
    calls = [message["tool_calls"] for message in messages]
    arrays = {field.name: pa.array([message[field.name] for message in messages], field.type) for field in _PLAIN}
    arrays[_CALLS.name] = pa.array(calls, _CALLS.type) if any(calls) else pa.nulls(len(calls), _CALLS.type)
    items = pa.StructArray.from_arrays([arrays[field.name] for field in MESSAGE], fields=list(MESSAGE))
    return pa.ListArray.from_arrays(pa.array([0, *accumulate(map(len, rows))], pa.int32()), items)


def _fact(values: pa.ChunkedArray, type_: pa.DataType) -> pa.Array | pa.ChunkedArray:
    """What the selection knows; a list stands there as a text with commas."""
    if not pa.types.is_list(type_):
        return values.cast(type_)
    return pa.array([[one for one in (text or "").split(", ") if one] for text in values.to_pylist()], type_)
