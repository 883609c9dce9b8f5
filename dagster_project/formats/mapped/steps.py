"""Steps from the elements of an array, nested or not, each with the call that it is, its scores and its errors."""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import pyarrow as pa

from dagster_project import records
from dagster_project.formats.base import Rejected
from dagster_project.formats.mapped.children import error_taker
from dagster_project.formats.mapped.fields import ANY, field_taker
from dagster_project.formats.mapped.lists import Record, ScoreTaker
from dagster_project.formats.mapped.rules import ITEM, POSITION, as_rule, element_sources
from dagster_project.formats.mapped.schema import Rule, Steps
from dagster_project.formats.mapped.sources import Captures, Unit, place, taker, value_at
from dagster_project.formats.mapped.tokens import call_tokens
from dagster_project.formats.shapes import with_values
from dagster_project.formats.strict_json import json_type
from dagster_project.formats.text_lane import TextLane, json_text

_TOKENS = ("input_tokens", "output_tokens", "cache_read_tokens", "cache_write_tokens", "reasoning_tokens")


def _columns(table: str, *names: str) -> dict[str, pa.DataType]:
    return {name: records.TABLES[table].field(name).type for name in names}


STEP_FIELDS = _columns(
    "steps", "kind", "name", "agent_id", "started_at", "ended_at", "latency_ms", "status", "error_type", "depth"
)
"""Columns of a step that a map may fill."""
LLM_CALL_FIELDS = {
    **_columns("llm_calls", "llm_call_id", "provider", "request_model", "response_model", "finish_reason",
               "temperature", "max_tokens", "ttft_ms", "latency_ms", "retries"),
    **dict.fromkeys(_TOKENS, records.COUNT), "cost_usd": records.REAL,
}  # fmt: skip
"""What a map may say of the LLM call that a step is."""
TOOL_CALL_FIELDS = {
    **_columns("tool_calls", "tool_call_id", "tool_name", "status", "error_type", "latency_ms"),
    "arguments": ANY, "result": ANY,
}  # fmt: skip
"""What a map may say of the tool call that a step is."""

_CALL_STATUSES = {"ok": "ok", "error": "error", "cancelled": "cancelled"}


class _Place(NamedTuple):
    """An element on its way: itself, its place among its siblings from 1, the step above it."""

    element: Any
    position: int
    parent_id: str | None
    depth: int


class StepsTaker:
    """One declared list of steps, compiled."""

    def __init__(self, steps: Steps, *, token_convention: str | None) -> None:
        self._source = steps.source
        self._find = taker(steps.source)
        self._children = None if steps.children is None else place(steps.children)
        self._fields = _Fields("steps.fields", steps.fields, STEP_FIELDS)
        self._llm_call = _Fields("steps.llm_call", steps.llm_call, LLM_CALL_FIELDS) if steps.llm_call else None
        self._tool_call = _Fields("steps.tool_call", steps.tool_call, TOOL_CALL_FIELDS) if steps.tool_call else None
        self._scores = [ScoreTaker(score) for score in steps.scores]
        self._errors = [error_taker(error, ordinal=ordinal) for ordinal, error in enumerate(steps.errors, start=1)]
        self._convention = token_convention
        self._are_objects = _are_objects(steps)

    def take(self, unit: Unit, captures: Captures, *, run_id: str, before: int, lane: TextLane) -> list[Record]:
        """A step per element, numbered after the `before` steps that came from other lists; those above come first."""
        found: list[Record] = []
        waiting = self._elements(self._find(unit, captures), parent_id=None, depth=0)
        seq = before
        # No recursion: the depth of a tree is the file's to choose.
        stack = [waiting]
        while stack:
            here = next(stack[-1], None)
            if here is None:
                stack.pop()
                continue
            seq += 1
            step_id = f"{run_id}/step-{seq}"
            within = {**unit, ITEM: here.element, POSITION: here.position}
            found += self._records(
                within, captures, here, ids={"step_id": step_id, "run_id": run_id, "seq": seq}, lane=lane
            )
            if self._children is not None:
                below = value_at(here.element, self._children)
                stack.append(self._elements(below, parent_id=step_id, depth=here.depth + 1))
        return found

    def _elements(self, elements: Any, *, parent_id: str | None, depth: int) -> Iterator[_Place]:
        if elements is None:
            return
        if type(elements) is not list:
            raise Rejected("bad_type", f"{self._source}: expected an array, found {json_type(elements)}")
        for position, element in enumerate(elements, start=1):
            if self._are_objects and type(element) is not dict:
                raise Rejected("bad_type", f"{self._source}: element {position} is a JSON {json_type(element)}")
            yield _Place(element, position, parent_id, depth)

    def _records(
        self, within: Unit, captures: Captures, here: _Place, *, ids: dict[str, Any], lane: TextLane
    ) -> list[Record]:
        step = self._fields.take(within, captures)
        if self._children is not None:
            step = {"parent_step_id": here.parent_id, "depth": here.depth} | step
        found: list[Record] = [("steps", ids | with_values(step))]
        shared = {"latency_ms": step.get("latency_ms"), "occurred_at": step.get("ended_at") or step.get("started_at")}
        if self._llm_call is not None and step.get("kind") == "llm":
            said = shared | {"llm_call_id": f"{ids['step_id']}/llm"} | self._llm_call.take(within, captures)
            found.append(("llm_calls", ids | with_values(call_tokens(said, convention=self._convention))))
        if self._tool_call is not None and step.get("kind") == "tool":
            said = shared | {"tool_call_id": ids["step_id"], "status": _CALL_STATUSES.get(step.get("status", ""))}
            said |= {"error_type": step.get("error_type")} | self._tool_call.take(within, captures)
            found.append(("tool_calls", ids | with_values(_tool_call(said, lane))))
        for score in self._scores:
            found += score.take(
                within, captures, run_id=ids["run_id"], of=ids["step_id"], step_id=ids["step_id"]
            )  # fmt: skip
        return found + [record for take in self._errors for record in take(within, captures, ids)]


def _are_objects(steps: Steps) -> bool:
    """Whether all that is read of an element lies at its keys: anything but an object would be a step of nothing."""
    read = [source for source in element_sources(steps) if source.startswith(ITEM)]
    return bool(read) and all(source.startswith(f"{ITEM}.") for source in read)


class _Fields:
    """Rules of one record, compiled."""

    def __init__(self, key: str, fields: Mapping[str, str | Rule], columns: Mapping[str, pa.DataType]) -> None:
        self._takers = [
            (name, field_taker(as_rule(rule), field=f"{key}.{name}", column=columns[name], is_text=False))
            for name, rule in fields.items()
        ]

    def take(self, unit: Unit, captures: Captures) -> dict[str, Any]:
        return {name: value for name, take in self._takers if (value := take(unit, captures)) is not None}


def _tool_call(said: dict[str, Any], lane: TextLane) -> dict[str, Any]:
    """The call with hashes of its texts; arguments that are no object cannot be valid."""
    if "tool_name" not in said:
        raise Rejected("missing_required", "steps.tool_call.tool_name: the step does not say it")
    texts = {}
    for name, column in (("arguments", "arguments_sha256"), ("result", "result_sha256")):
        value = said.pop(name, None)
        if value is not None:
            texts[column] = lane.add(f"tool_{name}", value if type(value) is str else json_text(value))
    return said | texts


def step_records(
    lists: list[StepsTaker], unit: Unit, captures: Captures, *, run_id: str, lane: TextLane
) -> list[Record]:
    """The steps of all lists, one numbering for all."""
    found: list[Record] = []
    count = 0
    for steps in lists:
        records_of_list = steps.take(unit, captures, run_id=run_id, before=count, lane=lane)
        count += sum(table == "steps" for table, _ in records_of_list)
        found += records_of_list
    return found
