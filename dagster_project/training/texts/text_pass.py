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

from dagster_project.errors import ReliabilityError
from dagster_project.training.comparing.contamination import ProtectedGrams, hits_in
from dagster_project.training.comparing.sketch_files import write_sketches
from dagster_project.training.comparing.sketches import Frame, frame_of, opening, sketches_of
from dagster_project.training.comparing.verdicts import Reasons
from dagster_project.training.datasets import DATASETS, SIDE_TEXT, SPLITS, Dataset
from dagster_project.training.texts.conversations import Message, Part, RefusedError, fold_messages
from dagster_project.training.texts.scrubbing import ResidueError, Scrubber, residue
from dagster_project.training.texts.text_file import open_texts
from dagster_project.training.writing.scratch_rows import write_scratch_rows

_LEAST_PROMPT_WORDS = 8
"""Shorter prompts are equal by chance."""
_NO_PROMPT = 0
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
    frame: Frame
    keeps_reasoning: bool = False


class ChunkResult(msgspec.Struct, kw_only=True):
    """What became of a chunk. `hits`: protected n-grams by position of the row that holds them."""

    number: int
    rows: int
    dropped: Reasons
    scrubbed: Counter[str]
    scrubbed_rows: int
    hits: dict[int, list[int]]


class _Done(msgspec.Struct):
    """A row that stays so far. `number`: its place in the chunk."""

    number: int
    sides: Sides
    beside: str | None
    tokens: int


def work_on_chunk(task: ChunkTask) -> ChunkResult:
    """Do the passes of one row on every row of the chunk; write `rows-<split>-<number>` and its sketches."""
    dataset = DATASETS[task.dataset]
    result = ChunkResult(
        number=task.number,
        rows=0,
        dropped={},
        scrubbed=Counter(),
        scrubbed_rows=0,
        hits={},
    )
    done: list[_Done] = []
    examples = _table(task.examples)
    positions = examples["position"].to_pylist()
    for number, parts in enumerate(parts_of_each(positions, task.parts, task.texts)):
        try:
            row = _work_on_row(dataset, number, parts, result=result, keeps_reasoning=task.keeps_reasoning)
        except RefusedError as refusal:
            verdict = _PASS_OF.get(refusal.reason, "normalise"), refusal.reason
            result.dropped.setdefault(verdict, []).append(positions[number])
            continue
        except ResidueError:
            result.dropped.setdefault(("scrub", "scrub_residue"), []).append(positions[number])
            continue
        hits = hits_in(row.sides, task.protected)
        if hits:
            result.hits[positions[number]] = hits
        done.append(row)
    examples = examples.take(pa.array([row.number for row in done], pa.int64()))
    result.rows = len(done)
    tokens = np.array([row.tokens for row in done], np.int64)
    sides = [row.sides for row in done]
    write_scratch_rows(
        dataset,
        examples,
        sides=sides,
        tokens=tokens,
        beside=[row.beside for row in done],
        folder=task.folder,
        chunk=task.number,
    )
    _write_facts(task, examples, sides, tokens)
    return result


_PASS_OF = {"text_missing": "join payload", "equal_sides": "exact dedupe"}


def _work_on_row(
    dataset: Dataset, number: int, parts: list[Part], *, result: ChunkResult, keeps_reasoning: bool
) -> _Done:
    beside = next((part.text for part in parts if part.side == SIDE_TEXT), None)
    sides = _folded(parts, keeps_reasoning=keeps_reasoning)
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
    return _Done(number, sides, beside, _token_count(sides))


def _folded(parts: list[Part], *, keeps_reasoning: bool = False) -> Sides:
    return fold_messages((part for part in parts if part.side != SIDE_TEXT), keeps_reasoning=keeps_reasoning)


def _scrub(message: Message, scrubber: Scrubber) -> None:
    if message["content"]:
        message["content"] = scrubber.scrub(message["content"])
    for call in message["tool_calls"] or ():
        # A placeholder would be no name of a tool: the row is refused.
        if residue(call["function"]["name"]):
            raise ResidueError("the name of a tool")
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


def parts_of_each(positions: list[int], parts: bytes, texts: Path) -> Iterator[list[Part]]:
    """The parts of the row at each position; the stream of parts has the same order."""
    with open_texts(texts) as file:
        stream = zip(*(column.to_pylist() for column in _table(parts).columns), strict=True)
        groups = groupby(stream, key=itemgetter(0))
        found, group = next(groups, (None, iter(())))
        for position in positions:
            own: list[Part] = []
            if found == position:
                own = [Part(*values[1:-2], text=file.read(*values[-2:])) for values in group]
                found, group = next(groups, (None, iter(())))
            yield own
    if found is not None:
        raise ReliabilityError(f"Texts of row {found} match no example.", remedy="Please report this.")


def _table(stream: bytes) -> pa.Table:
    return pa.ipc.open_stream(stream).read_all()


def frame_of_chunk(examples: bytes, parts: bytes, texts: Path) -> Frame:
    """What the rows given share: instructions and phrases, not what the task is."""
    table = _table(examples)
    rows, tasks = [], []
    groups = table["split_group"].to_pylist()
    for group, own in zip(groups, parts_of_each(table["position"].to_pylist(), parts, texts), strict=True):
        try:
            sides = _folded(own)
        except RefusedError:
            continue
        if sides:
            rows.append(sides)
            tasks.append(group)
    return frame_of(rows, tasks)


def _write_facts(task: ChunkTask, examples: pa.Table, sides: list[Sides], tokens: np.ndarray) -> None:
    """Arrays that the passes over all rows read: where a row is, what it is equal to, its signatures."""
    sketches = sketches_of(sides, frame=task.frame)
    digests = np.frombuffer(b"".join(map(_content_digest, sides)), np.uint64)
    positions = examples["position"].to_numpy()
    arrays: dict[str, Any] = {
        "position": positions,
        "split": np.array([SPLITS.index(split) for split in examples["split"].to_pylist()], np.int8),
        "tokens": tokens,
        "content": digests[0::2],
        "content_more": digests[1::2],
        "prompt": np.array(list(map(_prompt_digest, sides)), np.uint64),
        **write_sketches(task.folder / f"sketches-{task.number:06d}.bin", sketches, positions=positions),
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
    if len(said.split(None, _LEAST_PROMPT_WORDS - 1)) < _LEAST_PROMPT_WORDS:
        return _NO_PROMPT
    return int.from_bytes(hashlib.blake2b(said.encode(), digest_size=8).digest(), "little")
