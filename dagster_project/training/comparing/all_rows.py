"""The passes over all rows together: exact dedupe, near dedupe, decontaminate, cap. In: scratch files of every chunk.

Which rows stay is the same whatever worked on the chunks, and in whatever order.
"""

from collections import Counter
from collections.abc import Mapping
from operator import itemgetter
from pathlib import Path

import pyarrow.parquet as pq

from dagster_project.training.choices import Caps
from dagster_project.training.chunks import Passed
from dagster_project.training.comparing.contamination import Protection
from dagster_project.training.comparing.near_duplicates import drop_exact, drop_near
from dagster_project.training.comparing.row_facts import Facts
from dagster_project.training.comparing.verdicts import Verdicts
from dagster_project.training.datasets import SPLITS, Dataset


def compare_rows(
    dataset: Dataset,
    passed: Passed,
    *,
    facts: Facts,
    folder: Path,
    protection: Protection,
    tasks: Mapping[int, tuple[str | None, str]],
    caps: Caps,
) -> Verdicts:
    """Which rows fall away, those of `passed` included.

    `tasks`: suite and task of each row that holds a protected n-gram.
    """
    verdicts = passed.verdicts
    drop_exact(facts, verdicts)
    drop_near(facts, verdicts, folder)
    hits = {position: grams for position, grams in passed.hits.items() if verdicts.stays(position)}
    verdicts.drop(protection.contaminated(hits, dict(tasks)) if hits else [], "decontaminate", "contaminated")
    if caps.is_any:
        _drop_beyond(caps, dataset, verdicts, folder=folder, chunks=passed.chunks)
    return verdicts


def _drop_beyond(caps: Caps, dataset: Dataset, verdicts: Verdicts, *, folder: Path, chunks: int) -> None:
    """Drop rows beyond a cap: of what has too many, the first in the order of export stay."""
    used: dict[str, Counter[str]] = {kind: Counter() for kind in Caps.__struct_fields__}
    own = [name for name in (dataset.agent_column, "failure_codes") if name in dataset.facts]
    for chunk in range(chunks):
        for position, row in sorted(_rows_of(folder, chunk, [*own, *dataset.sides]), key=itemgetter(0)):
            if not verdicts.stays(position):
                continue
            names = {
                "agent": [row[dataset.agent_column]] if dataset.agent_column else [],
                "failure_code": row.get("failure_codes", []),
                "tool": _tools(row, dataset),
            }
            over = _first_over(names, used, caps)
            if over is not None:
                verdicts.drop([position], "cap", f"{over}_cap")
                continue
            for kind, values in names.items():
                used[kind].update(values)


def _rows_of(folder: Path, chunk: int, columns: list[str]):
    for split in SPLITS:
        path = folder / f"rows-{split}-{chunk:06d}.parquet"
        if path.exists():
            for row in pq.read_table(path, columns=["position", *columns]).to_pylist():
                yield row["position"], row


def _tools(row: dict, dataset: Dataset) -> list[str]:
    calls = (call for side in dataset.sides for message in row[side] for call in message["tool_calls"] or ())
    return sorted({call["function"]["name"] for call in calls})


def _first_over(names: Mapping[str, list[str]], used: Mapping[str, Counter[str]], caps: Caps) -> str | None:
    for kind, values in names.items():
        limit = getattr(caps, kind)
        if limit is not None and any(used[kind][value] >= limit for value in values):
            return kind
    return None
