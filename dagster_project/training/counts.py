"""What an export counted, for its manifest: rows of each pass and kind, models, runs, and what all was made of."""

import hashlib
from collections import Counter

from dagster_project.errors import CheckFailed
from dagster_project.training.chunks import Passed
from dagster_project.training.datasets import Dataset
from dagster_project.training.manifest import Inputs, PassCounts, Runs, Scrubbed, Yield
from dagster_project.training.scrubbing import scrubbing_version
from dagster_project.training.sidecars import run_counts
from dagster_project.training.verdicts import Verdicts
from dagster_project.training.workbench import Workbench

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
    # Distinct tasks in statements of their own, and never by `count(distinct)` of a join: there is no memory for both.
    bench.connection.execute(
        f"create table kept_tasks as select {kind}, task_hash from examples semi join kept using (position)"  # noqa: S608
    )
    selected, rows, tasks = (
        dict(bench.rows(f"select {kind}, count(*) from {table} group by 1"))  # noqa: S608 - a column of ours
        for table in ("examples", "kept_tasks", "(select distinct * from kept_tasks)")
    )
    return {
        name: Yield(selected=selected.get(name, 0), kept=rows.get(name, 0), tasks=tasks.get(name, 0))
        for name in dataset.kinds
    }


def rows_by_model(dataset: Dataset, bench: Workbench) -> dict[str, int]:
    """Kept rows by the model that wrote them; one that no log names is `unknown`."""
    counts: Counter[str] = Counter()
    for column in ("model", "chosen_model", "rejected_model"):
        if column in dataset.facts:
            kept = "examples semi join kept using (position)"
            sql = f"select coalesce({column}, 'unknown'), count(*) from {kept} group by 1"  # noqa: S608
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
