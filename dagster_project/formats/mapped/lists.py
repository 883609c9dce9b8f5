"""Scores that a map declares: of a run, of a step, of a task."""

from typing import Any

import pyarrow as pa

from dagster_project import records
from dagster_project.formats.mapped.fields import field_taker
from dagster_project.formats.mapped.rules import as_rule
from dagster_project.formats.mapped.schema import Rule, Score
from dagster_project.formats.mapped.sources import Captures, Take, Unit

Record = tuple[str, dict[str, Any]]


class ScoreTaker:
    """One declared score, compiled."""

    def __init__(self, score: Score) -> None:
        self._score = score
        self._value = _taker(score.value, field=f"scores.{score.name}.value", column=records.REAL)
        self._label = _taker(score.label, field=f"scores.{score.name}.label", column=records.LABELS)
        self._target = _taker(score.target, field=f"scores.{score.name}.target", column=records.TEXT)

    def take(self, unit: Unit, captures: Captures, *, run_id: str | None, of: str, step_id: str | None) -> list[Record]:
        """No record when the value is not known, nor, of a score without value, the label. `of` begins its id."""
        value, label = self._value(unit, captures), self._label(unit, captures)
        if value is None and (label is None or self._score.value is not None):
            return []
        target = self._target(unit, captures)
        if target is not None:
            judged = {"target_type": "task", "target_id": target}
        elif step_id is not None:
            judged = {"target_type": "step", "target_id": step_id}
        else:
            judged = {"target_type": "run", "target_id": run_id}
        score = self._score
        said = {"name": score.name, "value": value, "label": label, "scorer": score.scorer}
        ids = {"score_id": f"{of}/score-{score.name}", "run_id": run_id, "scorer_kind": score.scorer_kind}
        return [("scores", {name: found for name, found in (ids | judged | said).items() if found is not None})]


def _taker(rule: str | Rule | None, *, field: str, column: pa.DataType) -> Take:
    if rule is None:
        return lambda _unit, _captures: None
    return field_taker(as_rule(rule), field=field, column=column, is_text=False)
