"""Rows as the passes get them, without a warehouse: conversations in, the rows that stay out."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from dagster_project.training.choices import Caps
from dagster_project.training.chunks import stream_of, taken_together
from dagster_project.training.comparing.all_rows import compare_rows
from dagster_project.training.comparing.contamination import ProtectedItem, Protection
from dagster_project.training.comparing.row_facts import Facts
from dagster_project.training.comparing.sketches import Frame
from dagster_project.training.counts import ROW_PASSES
from dagster_project.training.datasets import SFT
from dagster_project.training.texts.text_pass import ChunkTask, frame_of_chunk, work_on_chunk

Turn = tuple[str, str | None] | tuple[str, str, str]
"""(role, content), or ("call", name, arguments) for a call of the assistant message before it."""

PART_TYPES = {
    "position": pa.int64(), "side": pa.string(), "seq": pa.int64(), "call_number": pa.int64(), "role": pa.string(),
    "tool_call_id": pa.string(), "tool_name": pa.string(), "needs_text": pa.bool_(),
    "first_byte": pa.int64(), "byte_count": pa.int64(),
}  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Row:
    """One SFT row to be; its position is its place in the list."""

    turns: Sequence[Turn]
    split: str = "train"
    suite_id: str | None = "desk"
    task: str | None = None
    agent_id: str = "clerk"
    failure_codes: str = ""


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """Positions of the rows that stay, and (pass, reason) of the others."""

    kept: list[int]
    dropped: dict[int, tuple[str, str]]


def passed(
    rows: Sequence[Row],
    folder: Path,
    *,
    items: Sequence[ProtectedItem] = (),
    caps: Caps | None = None,
    chunk_rows: int = 10_000,
) -> Outcome:
    """What the passes make of the rows."""
    protection = Protection(items)
    results = []
    frame = Frame()
    for number, start in enumerate(range(0, len(rows), chunk_rows)):
        numbered = list(enumerate(rows))[start : start + chunk_rows]
        texts = folder / f"texts-{number}.bin"
        examples, parts = _examples(numbered), _parts(numbered, texts)
        frame = frame_of_chunk(examples, parts, texts) if number == 0 else frame
        task = ChunkTask(
            number=number,
            dataset="sft",
            examples=examples,
            parts=parts,
            texts=texts,
            folder=folder,
            protected=protection.grams(),
            frame=frame,
        )
        results.append(work_on_chunk(task))
    tasks = {position: (row.suite_id, row.task or str(position)) for position, row in enumerate(rows)}
    verdicts = compare_rows(
        SFT,
        taken_together(results, rows=len(rows)),
        facts=Facts(folder, len(results), rows=len(rows)),
        folder=folder,
        protection=protection,
        tasks=tasks,
        caps=caps or Caps(),
    )
    dropped = {row["position"]: (row["pass"], row["reason"]) for row in verdicts.table(ROW_PASSES).to_pylist()}
    return Outcome(kept=np.flatnonzero(verdicts.kept()).tolist(), dropped=dropped)


def _examples(rows: list[tuple[int, Row]]) -> bytes:
    table = [_example(position, row) for position, row in rows]
    return stream_of(pa.Table.from_pylist(table))


def _example(position: int, row: Row) -> dict[str, Any]:
    task = row.task or str(position)
    facts: dict[str, Any] = {name: f"{name}-{position}" for name in SFT.facts}
    return {
        **facts,
        "position": position,
        "split": row.split,
        "suite_id": row.suite_id,
        "split_group": task,
        "agent_id": row.agent_id,
        "failure_codes": row.failure_codes,
        "message_count": len(row.turns),
    }


def _parts(rows: list[tuple[int, Row]], texts: Path) -> bytes:
    parts: list[dict[str, Any]] = []
    for position, row in rows:
        seq = calls = 0
        open_calls: list[str] = []
        for turn in row.turns:
            common = {"position": position, "side": "messages", "needs_text": True}
            if turn[0] == "call":
                calls += 1
                open_calls.append(f"c{seq}-{calls}")
                part = {"call_number": calls, "role": "assistant", "tool_call_id": open_calls[-1], "tool_name": turn[1]}
                parts.append({**common, "seq": seq, **part, "text": turn[2]})
                continue
            seq, calls = seq + 1, 0
            answers = open_calls.pop(0) if turn[0] == "tool" else None
            part = {"call_number": 0, "role": turn[0], "tool_call_id": answers, "tool_name": None}
            parts.append({**common, "seq": seq, **part, "needs_text": turn[1] is not None, "text": turn[1]})
    content = b""
    for part in parts:
        text = part.pop("text")
        if text is not None:
            part |= {"first_byte": len(content), "byte_count": len(text.encode())}
            content += text.encode()
    texts.write_bytes(content)
    return stream_of(pa.Table.from_pylist(parts, schema=pa.schema(PART_TYPES)))
