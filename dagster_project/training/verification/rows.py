"""Read a dataset's rows in all flavours side by side and judge each of them."""

from collections.abc import Iterator
from itertools import chain, pairwise, zip_longest
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from dagster_project.training.datasets import DATASETS, FLAVOURS, FORBIDDEN_COLUMNS, SIDE_TEXT, Dataset
from dagster_project.training.pool import Pool
from dagster_project.training.texts.scrubbing import residue
from dagster_project.training.verification.faults import Faults
from dagster_project.training.verification.flavours import judge_openai, judge_trl
from dagster_project.training.verification.messages import (
    completion_faults,
    conversation_faults,
    parsed,
    prompt_faults,
    reasoning_faults,
    said,
)
from dagster_project.training.writing.manifest import Manifest

BATCH_ROWS = 256
_NEVER_NULL = (
    "lineage_id", "organization_id", "task_hash", "split_group", "failure_codes", "label", "success_rate", "verifier",
)  # fmt: skip
_JUDGED_BY_ROW = (
    "message_count", "prompt_message_count", "margin", "chosen_run_id", "rejected_run_id", "success_rate", "label",
)  # fmt: skip
_MISSING: Any = object()


class _ShardTask(msgspec.Struct, frozen=True, kw_only=True):
    """One file of each flavour that hold the same rows. `first` is the place of its first row within the split."""

    dataset: str
    split: str
    first: int
    keeps_reasoning: bool
    scrubbed_again: bool
    paths: dict[str, Path]


def judge_rows(
    folder: Path, dataset: Dataset, manifest: Manifest, faults: Faults, *, pool: Pool, scrubbed_again: bool
) -> None:
    """Judge every row of every split; the flavours must hold the same rows in the same order.

    `scrubbed_again`: whether today's rules may find nothing to scrub, either.
    """
    for found in pool.map(_judge_shard, _shard_tasks(folder, dataset, manifest, scrubbed_again=scrubbed_again)):
        faults.extend(found)


def _shard_tasks(folder: Path, dataset: Dataset, manifest: Manifest, *, scrubbed_again: bool) -> Iterator[_ShardTask]:
    for split in manifest.splits:
        files = {
            flavour: [facts for facts in manifest.files if facts.path.startswith(f"{flavour}/{split}-")]
            for flavour in FLAVOURS
        }
        first = 0
        for shards in zip_longest(*files.values()):
            paths = {flavour: folder / facts.path for flavour, facts in zip(files, shards, strict=True) if facts}
            yield _ShardTask(
                dataset=dataset.name,
                split=split,
                first=first,
                keeps_reasoning=manifest.keeps_reasoning,
                scrubbed_again=scrubbed_again,
                paths=paths,
            )
            first += max(facts.rows or 0 for facts in shards if facts)


def _judge_shard(task: _ShardTask) -> Faults:
    faults, dataset = Faults(), DATASETS[task.dataset]
    if task.paths.keys() != FLAVOURS.keys():
        faults.add("row_counts_differ", task.split, "a flavour has fewer files than another")
        return faults
    try:
        _judge_files(task, dataset, faults)
    except OSError as error:
        faults.add("unreadable", task.split, str(error).splitlines()[0])
    return faults


def _judge_files(task: _ShardTask, dataset: Dataset, faults: Faults) -> None:
    have_schema = [_has_schema(task.paths[flavour], dataset, flavour, faults) for flavour in ("canonical", "trl")]
    if not all(have_schema):
        return
    _judge_facts(task, dataset, faults)
    checked = [name for name in (*_JUDGED_BY_ROW, SIDE_TEXT, "tools") if name in dataset.schema("canonical").names]
    rows = zip_longest(
        _parquet_rows(task.paths["canonical"], [*checked, *dataset.sides]),
        _parquet_rows(task.paths["trl"], list(dataset.sides)),
        _lines(task.paths["openai"]),
        fillvalue=_MISSING,
    )
    for number, (canonical, trl, openai) in enumerate(rows, start=task.first):
        where = f"{task.split} row {number}"
        if canonical is _MISSING or trl is _MISSING or openai is _MISSING:
            faults.add("row_counts_differ", where, "a flavour has fewer rows than another")
            break
        _judge_row(dataset, canonical, where=where, faults=faults)
        if not task.keeps_reasoning:
            for code, detail in chain.from_iterable(reasoning_faults(canonical[side] or ()) for side in dataset.sides):
                faults.add(code, where, detail)
        if task.scrubbed_again:
            for type_ in sorted(set(chain.from_iterable(residue(text) for text in _texts_of(dataset, canonical)))):
                faults.add("not_scrubbed", where, f"the scrubber finds {type_}")
        judge_trl(dataset, canonical, trl, where=f"trl {where}", faults=faults)
        judge_openai(dataset, canonical, openai, where=f"openai {where}", faults=faults)


def _texts_of(dataset: Dataset, row: dict[str, Any]) -> Iterator[str]:
    """Everything in the row that somebody said, called or printed."""
    for message in chain.from_iterable(row[side] or () for side in dataset.sides):
        yield message["content"] or ""
        yield from ((call["function"] or {}).get("arguments") or "" for call in message["tool_calls"] or ())
    yield row.get(SIDE_TEXT) or ""


def _judge_facts(task: _ShardTask, dataset: Dataset, faults: Faults) -> None:
    """What stands beside the messages, column by column: no null where none may be, the same in both flavours."""
    names = [*dataset.fact_columns, "tools"]
    canonical, trl = (pq.read_table(task.paths[flavour], columns=names) for flavour in ("canonical", "trl"))
    for name in (*(name for name in _NEVER_NULL if name in dataset.facts), *dataset.run_columns):
        if canonical[name].null_count:
            for number in np.flatnonzero(canonical[name].is_null().to_numpy()).tolist():
                faults.add("null_fact", f"{task.split} row {task.first + number}", f"{name} is null")
    for name in names:
        if len(canonical) == len(trl) and not canonical[name].equals(trl[name]):
            pairs = zip(canonical[name].to_pylist(), trl[name].to_pylist(), strict=True)
            for number, (here, there) in enumerate(pairs, start=task.first):
                if here != there:
                    faults.add("flavours_differ", f"trl {task.split} row {number}", f"{name} is not as in canonical")


def _has_schema(path: Path, dataset: Dataset, flavour: str, faults: Faults) -> bool:
    try:
        found = pq.read_schema(path)
    except (OSError, pa.ArrowException) as error:
        faults.add("unreadable", f"{flavour}/{path.name}", str(error))
        return False
    for names in FORBIDDEN_COLUMNS:
        if names <= set(found.names):
            faults.add("forbidden_column", f"{flavour}/{path.name}", f"trainers misread {', '.join(sorted(names))}")
    if not found.remove_metadata().equals(dataset.schema(flavour)):
        faults.add("schema_differs", f"{flavour}/{path.name}", f"found {', '.join(found.names)}")
        return False
    return True


def _parquet_rows(path: Path, columns: list[str]) -> Iterator[dict[str, Any]]:
    with pq.ParquetFile(path) as file:
        for batch in file.iter_batches(BATCH_ROWS, columns=columns):
            values = [_values(batch.column(name)) for name in columns]
            for row in zip(*values, strict=True):
                yield dict(zip(columns, row, strict=True))


def _values(array: pa.Array) -> list[Any]:
    """The values as `to_pylist` gives them, in a third of its time: items of lists and structs are read as columns."""
    if isinstance(array, pa.ExtensionArray):
        array = array.storage
    if array.null_count == len(array):
        return [None] * len(array)
    if pa.types.is_list(array.type):
        items, offsets = _values(array.values), array.offsets.to_pylist()
        found: list[Any] = [items[first:last] for first, last in pairwise(offsets)]
    elif pa.types.is_struct(array.type):
        names = [field.name for field in array.type]
        fields = [_values(array.field(number)) for number in range(len(names))]
        found = [dict(zip(names, row, strict=True)) for row in zip(*fields, strict=True)]
    else:
        return array.to_pylist()
    if array.null_count:
        found = [
            value if is_valid else None for value, is_valid in zip(found, array.is_valid().to_pylist(), strict=True)
        ]
    return found


def _lines(path: Path) -> Iterator[bytes]:
    with path.open("rb") as handle:
        yield from handle


def _judge_row(dataset: Dataset, row: dict[str, Any], *, where: str, faults: Faults) -> None:
    if not isinstance(parsed(row["tools"]), list):
        faults.add("bad_tools", where, "tools is no JSON array")
    if dataset.sides == ("messages",):
        found = conversation_faults(row["messages"] or [])
        if row["message_count"] != len(row["messages"] or []):
            faults.add("message_count_differs", where, f"{row['message_count']} stated")
    elif "chosen" in dataset.sides:
        found = _pair_faults(row)
    else:
        found = _prompt_row_faults(dataset, row)
    for code, detail in found:
        faults.add(code, where, detail)


def _pair_faults(row: dict[str, Any]) -> Iterator[tuple[str, str]]:
    prompt, chosen, rejected = (row[side] or [] for side in ("prompt", "chosen", "rejected"))
    if row["margin"] is None:
        yield "null_margin", "a pair without a margin"
    if row["chosen_run_id"] == row["rejected_run_id"]:
        yield "same_run", "chosen and rejected come from one run"
    if said(chosen) == said(rejected):
        yield "chosen_equals_rejected", "both sides say the same"
    yield from chain(prompt_faults(prompt), completion_faults(chosen), completion_faults(rejected))


def _prompt_row_faults(dataset: Dataset, row: dict[str, Any]) -> Iterator[tuple[str, str]]:
    yield from prompt_faults(row["prompt"] or [])
    if row["prompt_message_count"] != len(row["prompt"] or []):
        yield "message_count_differs", f"{row['prompt_message_count']} stated"
    if "completion" in dataset.sides:
        yield from completion_faults(row["completion"] or [])
    elif row["prompt"] and row["prompt"][-1]["role"] == "assistant":
        yield "answered_prompt", "the assistant has spoken already"
    rate = row.get("success_rate", 0.5)
    if rate is not None and not 0 < rate < 1:
        yield "useless_success_rate", f"a task solved at a rate of {rate} teaches nothing"
