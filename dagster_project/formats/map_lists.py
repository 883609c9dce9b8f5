"""Steps from the elements of an array, and scores: of a run, of a step, of a task."""

from typing import Any

import pyarrow as pa

from dagster_project import records
from dagster_project.formats.base import Rejected
from dagster_project.formats.map_fields import field_taker
from dagster_project.formats.map_rules import as_rule
from dagster_project.formats.map_schema import Rule, Score, Steps
from dagster_project.formats.map_sources import Captures, Take, Unit, taker
from dagster_project.formats.strict_json import json_type

Record = tuple[str, dict[str, Any]]

ITEM, POSITION = "item", "position"
"""What the element of a list is called in its rules, and its place from 1."""

STEP_FIELDS: dict[str, pa.DataType] = {
    name: records.TABLES["steps"].field(name).type
    for name in ("kind", "name", "agent_id", "started_at", "ended_at", "latency_ms", "status", "error_type", "depth")
}
"""Columns of a step that a map may fill."""


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


class StepsTaker:
    """One declared list of steps, compiled."""

    def __init__(self, steps: Steps) -> None:
        self._source = steps.source
        self._find = taker(steps.source)
        self._fields = [
            (name, field_taker(as_rule(rule), field=f"steps.{name}", column=STEP_FIELDS[name], is_text=False))
            for name, rule in steps.fields.items()
        ]
        self._scores = [ScoreTaker(score) for score in steps.scores]

    def take(self, unit: Unit, captures: Captures, *, run_id: str, before: int) -> list[Record]:
        """A step per element, numbered after the `before` steps that came from other lists, each with its scores."""
        elements = self._find(unit, captures)
        if elements is None:
            return []
        if type(elements) is not list:
            raise Rejected("bad_type", f"{self._source}: expected an array, found {json_type(elements)}")
        found: list[Record] = []
        for position, element in enumerate(elements, start=1):
            within = {**unit, ITEM: element, POSITION: position}
            seq = before + position
            step_id = f"{run_id}/step-{seq}"
            ids = {"step_id": step_id, "run_id": run_id, "seq": seq}
            said = {name: value for name, take in self._fields if (value := take(within, captures)) is not None}
            found.append(("steps", {**ids, **said}))
            for score in self._scores:
                found += score.take(within, captures, run_id=run_id, of=step_id, step_id=step_id)
        return found


def step_records(lists: list[StepsTaker], unit: Unit, captures: Captures, *, run_id: str) -> list[Record]:
    """The steps of all lists, one numbering for all."""
    found: list[Record] = []
    count = 0
    for steps in lists:
        records_of_list = steps.take(unit, captures, run_id=run_id, before=count)
        count += sum(table == "steps" for table, _ in records_of_list)
        found += records_of_list
    return found
