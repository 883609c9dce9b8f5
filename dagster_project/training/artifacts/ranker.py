"""A ranker of runs, learnt from the preference pairs, with a report that says whether it is worth anything.

Two models see the difference of two runs' features: Bradley-Terry and boosted stumps. Both are judged on tasks they
never saw, beside simple rules. Usable is only what beats the best rule by more than chance.
"""

from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from dagster_project.training.artifacts.comparing_models import MODELS, Comparison, compare_models
from dagster_project.training.artifacts.published import Published, write_json

SCHEMA = "ranker-report/1"
FEATURES: tuple[str, ...] = (
    "latency_ms", "cost_usd", "input_tokens", "output_tokens", "step_count", "llm_call_count", "tool_call_count",
    "tool_error_count", "retry_count",
)  # fmt: skip
"""Of a run; none of them is made of its outcome. Counts and amounts as log(1 + x)."""
LEAST_TASKS = 30
"""Tasks below which no interval means anything."""

_PAIRS = """
    select pairs.split_group, {chosen}, {rejected}
    from preference_pairs as pairs
    inner join agent_runs as chosen
        on pairs.organization_id = chosen.organization_id and pairs.chosen_run_id = chosen.run_id
    inner join agent_runs as rejected
        on pairs.organization_id = rejected.organization_id and pairs.rejected_run_id = rejected.run_id
    where pairs.pair_kind = 'first_divergence'
    order by pairs.lineage_id
"""


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """The document report.json. `model` is the better of the two; its parameters stand in model.json."""

    schema: str
    build_id: str
    snapshot_sha256: str
    is_usable: bool
    verdict: str
    pair_count: int
    task_count: int
    features: list[str]
    known_shares: dict[str, float]
    comparison: Comparison | None


def write_ranker(published: Published, folder: Path) -> dict[str, int]:
    """Learn, judge, and write report.json, model.json and README.md; how many pairs and tasks there were."""
    tasks, differences, known = _pairs(published)
    task_count = len(set(tasks))
    comparison = None
    verdict = f"Not usable: {task_count} tasks with pairs; an interval needs {LEAST_TASKS}."
    if task_count >= LEAST_TASKS:
        comparison = compare_models(differences, tasks, features=FEATURES)
        verdict = comparison.verdict()
    report = Report(
        schema=SCHEMA,
        build_id=published.build_id,
        snapshot_sha256=published.snapshot_sha256,
        is_usable=comparison is not None and comparison.is_usable,
        verdict=verdict,
        pair_count=len(tasks),
        task_count=task_count,
        features=list(FEATURES),
        known_shares=known,
        comparison=comparison,
    )
    write_json(report, folder / "report.json")
    write_json(msgspec.json.schema(Report), folder / "schema.json")
    write_json(_model(differences, comparison), folder / "model.json")
    (folder / "README.md").write_text(_readme(report), encoding="utf-8")
    return {"pairs": len(tasks), "tasks": task_count}


def _pairs(published: Published) -> tuple[list[str], np.ndarray, dict[str, float]]:
    """Task of each pair, chosen less rejected by feature (0 where one is unknown), share of pairs that know both."""
    sides = {
        side: ", ".join(f"cast({side}.{name} as double) as {side}_{name}" for name in FEATURES)
        for side in ("chosen", "rejected")
    }
    table = published.table(_PAIRS.format(**sides))
    columns = [
        _logs(table[f"chosen_{name}"].to_numpy()) - _logs(table[f"rejected_{name}"].to_numpy()) for name in FEATURES
    ]
    differences = np.column_stack(columns) if len(table) else np.empty((0, len(FEATURES)))
    shares = (~np.isnan(differences)).mean(axis=0) if len(table) else np.zeros(len(FEATURES))
    known = {name: round(float(share), 6) for name, share in zip(FEATURES, shares, strict=True)}
    return table["split_group"].to_pylist(), np.nan_to_num(differences), known


def _logs(values: np.ndarray) -> np.ndarray:
    return np.log1p(np.maximum(np.asarray(values, np.float64), 0))


def _model(differences: np.ndarray, comparison: Comparison | None) -> dict[str, Any]:
    """The better model, learnt from all pairs; nothing where nothing was learnt."""
    if comparison is None:
        return {"model": None, "parameters": None}
    fitted = MODELS[comparison.model](differences)
    return {"model": comparison.model, "is_usable": comparison.is_usable, "parameters": fitted.parameters(FEATURES)}


def _readme(report: Report) -> str:
    lines = [
        "# Ranker of runs",
        "",
        f"**{report.verdict}**",
        "",
        f"{report.pair_count:,} pairs of {report.task_count:,} tasks, build `{report.build_id}`. Which of two runs of "
        "a task succeeded, told from what the runs took: not from what they say.",
        "",
    ]
    if report.comparison is not None:
        lines += [
            "Share of pairs that are told right, on tasks that were not learnt from (ties count half), with 95 % of "
            "resampled tasks:",
            "",
            "| told by | share | from | to |",
            "|---|---|---|---|",
            *(
                f"| {one.name} | {one.accuracy:.3f} | {one.low:.3f} | {one.high:.3f} |"
                for one in [*report.comparison.models, *report.comparison.baselines]
            ),
            "",
        ]
    lines += ["| feature | pairs that know it |", "|---|---|"]
    lines += [f"| {name} | {share:.1%} |" for name, share in report.known_shares.items()]
    return "\n".join([*lines, ""])
