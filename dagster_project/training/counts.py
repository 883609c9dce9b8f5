"""What an export counted, for its manifest: rows of each pass and kind, models, runs, and what all was made of."""

import hashlib
from collections import Counter

from dagster_project.errors import CheckFailed
from dagster_project.training.chunks import Passed
from dagster_project.training.comparing.verdicts import Verdicts
from dagster_project.training.datasets import Dataset
from dagster_project.training.texts.scrubbing import scrubbing_version
from dagster_project.training.workbench import JOINED_AT_ONCE, Workbench
from dagster_project.training.writing.manifest import Inputs, PassCounts, Runs, Scrubbed, Yield
from dagster_project.training.writing.sidecars import MODEL_COLUMNS, run_counts

ROW_PASSES: tuple[str, ...] = (
    "join payload",
    "normalise",
    "scrub",
    "exact dedupe",
    "near dedupe",
    "decontaminate",
    "cap",
    "split",
    "write",
    "verify",
)
"""The passes over rows, after `select` has chosen them, in order."""


def pass_counts(verdicts: Verdicts) -> list[PassCounts]:
    """Rows in and out of each pass, in order."""
    rows = len(verdicts)
    counts = []
    for name in ROW_PASSES:
        reasons = verdicts.counts(name)
        left = rows - reasons.total()
        counts.append(
            PassCounts(name=name, unit="rows", count_in=rows, count_out=left, dropped=dict(sorted(reasons.items())))
        )
        rows = left
    return counts


def scrubbed_texts(passed: Passed) -> Scrubbed:
    """What the scrubber replaced in all rows, by type."""
    return Scrubbed(rules=scrubbing_version(), rows=passed.scrubbed_rows, counts=dict(sorted(passed.scrubbed.items())))


def yields_by_kind(dataset: Dataset, bench: Workbench) -> dict[str, Yield]:
    """Rows of each kind that were selected and stay; none for a dataset of one kind."""
    if dataset.kind_column is None:
        return {}
    kind = dataset.kind_column
    selected, rows = (
        Counter(dict(bench.rows(f"select {kind}, count(*) from {table} group by 1")))  # noqa: S608 - a column of ours
        for table in ("examples", "kept_examples")
    )
    lots = 1 + rows.total() // JOINED_AT_ONCE
    tasks: Counter[str] = Counter()
    for lot in range(lots):
        distinct = f"select distinct {kind}, task_hash from kept_examples where hash(task_hash) % {lots} = {lot}"  # noqa: S608
        tasks.update(dict(bench.rows(f"select {kind}, count(*) from ({distinct}) group by 1")))  # noqa: S608
    return {name: Yield(selected=selected[name], kept=rows[name], tasks=tasks[name]) for name in dataset.kinds}


def rows_by_model(dataset: Dataset, bench: Workbench) -> dict[str, int]:
    """Kept rows by the model that wrote them; one that no log names is `unknown`."""
    counts: Counter[str] = Counter()
    for column in MODEL_COLUMNS:
        if column in dataset.facts:
            sql = f"select coalesce({column}, 'unknown'), count(*) from kept_examples group by 1"  # noqa: S608
            counts.update(dict(bench.rows(sql)))
    return dict(sorted(counts.items()))


def inputs_of(bench: Workbench) -> Inputs:
    """The build, and a hash of which rows were selected, in their order."""
    ((build_id, snapshot_sha256),) = bench.rows("select distinct build_id, snapshot_sha256 from build")
    digest = hashlib.sha256()
    for table in bench.examples_in_order("lineage_id, sort_key, split"):
        lines = zip(*(column.to_pylist() for column in table.columns), strict=True)
        digest.update("".join(f"{a} {b} {c}\n" for a, b, c in lines).encode())
    return Inputs(build_id=build_id, snapshot_sha256=snapshot_sha256, selection_sha256=digest.hexdigest())


def selection_pass(bench: Workbench) -> PassCounts:
    """Runs in and out of the selection."""
    ((count_in,),) = bench.rows("select count(*) from runs")
    ((count_out,),) = bench.rows("select count(*) from runs semi join row_runs using (organization_id, run_id)")
    dropped = dict(bench.rows("select reason, count(*) from refusals group by reason order by reason"))
    return PassCounts(name="select", unit="runs", count_in=count_in, count_out=count_out, dropped=dropped)


def runs_of(bench: Workbench) -> Runs:
    """Runs used and refused. Raises CheckFailed when they are not all runs."""
    runs_in, used = run_counts(bench)
    refused = dict(bench.rows("select reason, count(*) from refused_runs group by reason order by reason"))
    if runs_in != used + sum(refused.values()):
        raise CheckFailed(
            f"Of {runs_in} runs {used} are exported and {sum(refused.values())} refused, which does not add up.",
            remedy="Build and publish again; if it stays so, please report it.",
        )
    return Runs(runs_in=runs_in, used=used, refused=refused)
