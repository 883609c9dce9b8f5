"""Whether rows add up to what manifest and card state of them."""

from pathlib import Path
from typing import Any

import duckdb

from dagster_project.training.datasets import Dataset
from dagster_project.training.verification.faults import Faults
from dagster_project.training.writing.manifest import CONTEXT_SIZES, MANIFEST_NAME, Manifest

_MODEL_COLUMNS = ("model", "chosen_model", "rejected_model")


def judge_stated_rows(
    connection: duckdb.DuckDBPyConnection, rows: list[str], dataset: Dataset, manifest: Manifest, faults: Faults
) -> None:
    """Tokens, kinds and models, counted from the files `rows`; and numbers of a row that cannot be."""
    within = ", ".join(f"count(*) filter (tokens <= {size})" for size in CONTEXT_SIZES)
    sums = f"select sum(tokens), max(tokens), {within}, count(*) filter (tokens < 0) from read_parquet(?)"  # noqa: S608
    ((total, longest, *fits, negative),) = connection.execute(sums, [rows]).fetchall()
    stated = manifest.tokens
    if [total, longest, *fits, negative] != [stated.total, stated.longest, *stated.rows_within.values(), 0]:
        faults.add("tokens_differ", MANIFEST_NAME, f"the rows have {total} tokens, the longest {longest}")
    if dataset.kind_column is not None:
        found = _counted(connection, rows, dataset.kind_column)
        if found != {kind: one.kept for kind, one in manifest.kinds.items() if one.kept}:
            faults.add("row_counts_differ", MANIFEST_NAME, f"the kinds of the rows are {_listed(found)}")
    models: dict[str, int] = {}
    for column in (column for column in _MODEL_COLUMNS if column in dataset.facts):
        for name, count in _counted(connection, rows, f"coalesce({column}, 'unknown')").items():
            models[name] = models.get(name, 0) + count
    if models != manifest.models:
        faults.add("row_counts_differ", MANIFEST_NAME, "the models of the rows are not counted as the manifest says")
    if dataset.name in _IMPOSSIBLE:
        column, code, sql = _IMPOSSIBLE[dataset.name]
        for (lineage_id,) in connection.execute(sql, [rows]).fetchall():
            faults.add(code, "canonical", f"{column} cannot be: {lineage_id}")


# A saving of a fifth, and rates, are computed in floating point.
_IMPOSSIBLE: dict[str, tuple[str, str, str]] = {
    "prompts": (
        "success_rate", "useless_success_rate",
        "select lineage_id from read_parquet(?) where not coalesce(attempt_count > success_count and success_count > 0 "
        "and abs(success_rate - success_count / attempt_count) < 1e-9, false) order by 1",
    ),
    "preferences": (
        "margin", "bad_margin",
        "select lineage_id from read_parquet(?) where not coalesce(margin >= 0 and isfinite(margin), false) order by 1",
    ),
    "efficiency": (
        "margin", "bad_margin",
        "select lineage_id from read_parquet(?) where not coalesce(margin >= 0.2 - 1e-9 and margin <= 1, false) "
        "order by 1",
    ),
}  # fmt: skip
"""dataset: (column, kind of fault, a query that names the offenders)"""


def _counted(connection: duckdb.DuckDBPyConnection, rows: list[str], value: str) -> dict[Any, int]:
    sql = f"select {value} as value, count(*) from read_parquet(?) group by 1 order by 1"  # noqa: S608 - a column
    return dict(connection.execute(sql, [rows]).fetchall())


def _listed(counts: dict[Any, int]) -> str:
    return ", ".join(f"{name} {count}" for name, count in counts.items())


def judge_stated_counts(folder: Path, manifest: Manifest, faults: Faults) -> None:
    """The card tells the numbers of the manifest: rows of each split, runs, and why others are not there."""
    path = folder / "README.md"
    card = path.read_text(encoding="utf-8", errors="replace") if path.is_file() else ""
    runs = manifest.runs
    lines = [
        f"{manifest.row_count:,} rows from {runs.used:,} of {runs.runs_in:,} agent runs.",
        *(f"| {split} | {rows:,} |" for split, rows in manifest.splits.items()),
        *(f"| {reason} | {count:,} |" for reason, count in runs.refused.items()),
    ]
    written = set(card.splitlines())
    for line in lines:
        if line not in written:
            faults.add("bad_card", "README.md", f"it does not say: {line}")
