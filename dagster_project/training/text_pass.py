"""The passes that need one row alone: join payload, normalise, scrub; and what later passes must know of it.

A chunk of rows goes in, scratch files come out: the rows by split, and the sketches by which rows are compared. What
becomes of a row depends on nothing but the row, so that chunks can be worked on anywhere.
"""

import hashlib
from collections import Counter
from collections.abc import Iterator
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from dagster_project.errors import ReliabilityError
from dagster_project.training.contamination import ProtectedGrams, hits_in
from dagster_project.training.conversations import Message, Part, RefusedError, fold_messages
from dagster_project.training.datasets import DATASETS, SIDE_TEXT, SPLITS, Dataset
from dagster_project.training.scrubbing import ResidueError, Scrubber
from dagster_project.training.shingles import Hashes
from dagster_project.training.sketches import Sketch, opening, prompt_shingles, sketch_of, write_sketches
from dagster_project.training.text_file import TextFile, open_texts

_LEAST_PROMPT_WORDS = 8
"""Shorter prompts are equal by chance."""
_NO_PROMPT = 0
_BOILERPLATE_TASKS = 10
_BOILERPLATE_SHARE = 0.01
_MESSAGE_TOKENS = 4

Sides = dict[str, list[Message]]


class ChunkTask(msgspec.Struct, frozen=True, kw_only=True):
    """Rows to be worked on: their facts and their parts (Arrow streams), both in the order of export.

    `texts` is the file where the parts' texts lie.
    """

    number: int
    dataset: str
    examples: bytes
    parts: bytes
    texts: Path
    folder: Path
    protected: ProtectedGrams
    boilerplate: bytes


class Dropped(msgspec.Struct, frozen=True):
    """A row that a pass refused."""

    position: int
    in_pass: str
    reason: str


class ChunkResult(msgspec.Struct, kw_only=True):
    """What became of a chunk. `hits`: protected n-grams by position of the row that holds them."""

    number: int
    rows: int
    dropped: list[Dropped]
    scrubbed: Counter[str]
    scrubbed_rows: int
    hits: dict[int, list[int]]
    positions: np.ndarray
    tokens: np.ndarray


class _Done(msgspec.Struct):
    example: dict[str, Any]
    sides: Sides
    sketch: Sketch
    tokens: int


def work_on_chunk(task: ChunkTask) -> ChunkResult:
    """Do the passes of one row on every row of the chunk; write `rows-<split>-<number>` and its sketches."""
    dataset = DATASETS[task.dataset]
    boilerplate = np.frombuffer(task.boilerplate, np.uint64)
    result = ChunkResult(
        number=task.number,
        rows=0,
        dropped=[],
        scrubbed=Counter(),
        scrubbed_rows=0,
        hits={},
        positions=np.empty(0, np.int64),
        tokens=np.empty(0, np.int64),
    )
    done: list[_Done] = []
    for example, parts in examples_with_parts(task.examples, task.parts, task.texts):
        try:
            row = _work_on_row(dataset, example, parts, boilerplate=boilerplate, result=result)
        except RefusedError as refusal:
            result.dropped.append(
                Dropped(example["position"], _PASS_OF.get(refusal.reason, "normalise"), refusal.reason)
            )
            continue
        except ResidueError:
            result.dropped.append(Dropped(example["position"], "scrub", "scrub_residue"))
            continue
        hits = hits_in(row.sides, task.protected)
        if hits:
            result.hits[example["position"]] = hits
        done.append(row)
    result.rows = len(done)
    result.positions = np.array([row.example["position"] for row in done], np.int64)
    result.tokens = np.array([row.tokens for row in done], np.int64)
    _write_rows(dataset, done, task)
    _write_facts(done, task)
    return result


_PASS_OF = {"text_missing": "join payload", "equal_sides": "exact dedupe"}


def _work_on_row(
    dataset: Dataset, example: dict[str, Any], parts: list[Part], *, boilerplate: Hashes, result: ChunkResult
) -> _Done:
    beside = next((part.text for part in parts if part.side == SIDE_TEXT), None)
    sides = _folded(parts)
    if set(sides) != set(dataset.sides):
        raise RefusedError("text_missing")
    scrubber = Scrubber()
    for side in dataset.sides:
        for message in sides[side]:
            _scrub(message, scrubber)
    beside = beside and scrubber.scrub(beside)
    if "rejected" in sides and _plainly_said(sides["chosen"]) == _plainly_said(sides["rejected"]):
        raise RefusedError("equal_sides")
    result.scrubbed.update(scrubber.counts)
    result.scrubbed_rows += bool(scrubber.counts)
    return _Done({**example, SIDE_TEXT: beside}, sides, sketch_of(sides, boilerplate=boilerplate), _token_count(sides))


def _folded(parts: list[Part]) -> Sides:
    return fold_messages(part for part in parts if part.side != SIDE_TEXT)


def _scrub(message: Message, scrubber: Scrubber) -> None:
    if message["content"]:
        message["content"] = scrubber.scrub(message["content"])
    for call in message["tool_calls"] or ():
        call["function"]["arguments"] = scrubber.scrub(call["function"]["arguments"])


def _plainly_said(messages: list[Message]) -> list[tuple]:
    """What is said and called, however the arguments are laid out: models put blanks into JSON as they like."""
    return [
        (
            message["role"],
            message["content"] or "",
            [
                (call["function"]["name"], msgspec.json.decode(call["function"]["arguments"]))
                for call in message["tool_calls"] or ()
            ],
        )
        for message in messages
    ]


def _token_count(sides: Sides) -> int:
    """About how many tokens the row has: a quarter of its characters, and four a message."""
    characters = messages = 0
    for side in sides.values():
        for message in side:
            messages += 1
            characters += len(message["content"] or "")
            for call in message["tool_calls"] or ():
                characters += len(call["function"]["name"]) + len(call["function"]["arguments"])
    return characters // 4 + messages * _MESSAGE_TOKENS


def examples_with_parts(examples: bytes, parts: bytes, texts: Path) -> Iterator[tuple[dict[str, Any], list[Part]]]:
    """Each example with its parts, out of two streams of the same order."""
    with open_texts(texts) as file:
        yield from _with_parts(examples, parts, file)


def _with_parts(examples: bytes, parts: bytes, file: TextFile) -> Iterator[tuple[dict[str, Any], list[Part]]]:
    stream = zip(*(column.to_pylist() for column in pa.ipc.open_stream(parts).read_all().columns), strict=True)
    groups = groupby(stream, key=itemgetter(0))
    position, group = next(groups, (None, iter(())))
    for example in pa.ipc.open_stream(examples).read_all().to_pylist():
        own: list[Part] = []
        if position == example["position"]:
            own = [Part(*values[1:-2], text=file.read(*values[-2:])) for values in group]
            position, group = next(groups, (None, iter(())))
        yield example, own
    if position is not None:
        raise ReliabilityError(f"Texts of row {position} match no example.", remedy="Please report this.")


def boilerplate_of(examples: bytes, parts: bytes, texts: Path) -> bytes:
    """N-grams that the prompts of many tasks share, sorted uint64: instructions, not what the task is.

    Of the rows given, a hundredth and ten tasks at least must have it.
    """
    counts: dict[int, set[str]] = {}
    rows = 0
    for example, own in examples_with_parts(examples, parts, texts):
        try:
            sides = _folded(own)
        except RefusedError:
            continue
        if not sides:
            continue
        rows += 1
        for gram in prompt_shingles(sides).tolist():
            counts.setdefault(gram, set()).add(example["split_group"])
    least = max(_BOILERPLATE_TASKS, rows * _BOILERPLATE_SHARE)
    return np.array(sorted(gram for gram, groups in counts.items() if len(groups) >= least), np.uint64).tobytes()


def row_schema(dataset: Dataset) -> pa.Schema:
    """Schema of the scratch rows: the canonical flavour, and the row's place."""
    return dataset.schema("canonical").append(pa.field("position", pa.int64()))


def _write_rows(dataset: Dataset, done: list[_Done], task: ChunkTask) -> None:
    schema = row_schema(dataset)
    for split in SPLITS:
        rows = [row for row in done if row.example["split"] == split]
        if not rows:
            continue
        columns = [pa.array([_value(field, row) for row in rows], field.type) for field in schema]
        path = task.folder / f"rows-{split}-{task.number:06d}.parquet"
        pq.write_table(pa.table(columns, schema=schema), path, compression="lz4")


def _value(field: pa.Field, row: _Done) -> Any:
    if field.name in row.sides:
        return row.sides[field.name]
    if field.name == "tokens":
        return row.tokens
    if field.name == "tools":
        return "[]"
    value = row.example[field.name]
    return [one for one in (value or "").split(", ") if one] if pa.types.is_list(field.type) else value


def _write_facts(done: list[_Done], task: ChunkTask) -> None:
    """Arrays that the passes over all rows read: where a row is, what it is equal to, its signatures."""
    digests = np.frombuffer(b"".join(_content_digest(row.sides) for row in done), np.uint64).reshape(-1, 2)
    keys = write_sketches(task.folder / f"sketches-{task.number:06d}.bin", [row.sketch for row in done])
    arrays: dict[str, Any] = {
        "position": np.array([row.example["position"] for row in done], np.int64),
        "split": np.array([SPLITS.index(row.example["split"]) for row in done], np.int8),
        "content": digests,
        "prompt": np.array([_prompt_digest(row.sides) for row in done], np.uint64),
        **keys,
    }
    np.savez(task.folder / f"facts-{task.number:06d}.npz", **arrays)


def _content_digest(sides: Sides) -> bytes:
    """16 bytes, equal for rows that say and call the same; the ids of calls are chance."""
    said = [
        [side, message["role"], message["content"] or "", [
            (call["function"]["name"], call["function"]["arguments"]) for call in message["tool_calls"] or ()
        ]]
        for side, messages in sorted(sides.items())
        for message in messages
    ]  # fmt: skip
    return hashlib.blake2b(msgspec.json.encode(said), digest_size=16).digest()


def _prompt_digest(sides: Sides) -> int:
    said = "\n".join(opening(sides))
    if len(said.split()) < _LEAST_PROMPT_WORDS:
        return _NO_PROMPT
    return int.from_bytes(hashlib.blake2b(said.encode(), digest_size=8).digest(), "little")
