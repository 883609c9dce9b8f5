"""Sources: `a.b[0].c` is a place in the unit, `a[].b` one in every element, `capture:name` a part of the path."""

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from dagster_project.formats.text_lane import json_text

CAPTURE = "capture:"
EACH = "[]"

Unit = Mapping[str, Any]
Captures = Mapping[str, str]
Take = Callable[[Unit, Captures], Any]

_INDEXES = re.compile(r"(?:\[(?:0|-?[1-9][0-9]{0,5})?\])+$")
_INDEX = re.compile(r"\[(-?[0-9]*)\]")


def place(source: str) -> tuple[str, ...] | None:
    """The steps on the way to a place in the unit (keys, `[0]`, `[]`); None for a capture."""
    if source.startswith(CAPTURE):
        return None
    steps: list[str] = []
    for name in source.split("."):
        indexes = _INDEXES.search(name)
        if indexes is None:
            steps.append(name)
        else:
            steps += [name[: indexes.start()], *(f"[{index}]" for index in _INDEX.findall(indexes[0]))]
    return tuple(steps)


def is_index(step: str) -> bool:
    """Whether the step goes into an array."""
    return step.startswith("[") and _INDEX.fullmatch(step) is not None


def taker(source: str) -> Take:
    """A function that finds the source's value: None when it is absent, a list when the place says `[]`."""
    steps = place(source)
    if steps is None:
        name = source.removeprefix(CAPTURE)
        return lambda _unit, captures: captures.get(name)
    if any(is_index(step) for step in steps):
        return _nested_taker(steps)
    if len(steps) == 1:
        [key] = steps
        return lambda unit, _captures: unit.get(key)
    if len(steps) == 2:
        first, second = steps
        return lambda unit, _captures: value.get(second) if type(value := unit.get(first)) is dict else None
    return lambda unit, _captures: value_at(unit, steps)


def first_taker(sources: list[str]) -> Take:
    """The value of the first source that has one."""
    takers = [taker(source) for source in sources]
    if len(takers) == 1:
        return takers[0]

    def take(unit: Unit, captures: Captures) -> Any:
        found = (find(unit, captures) for find in takers)
        return next((value for value in found if value is not None), None)

    return take


def _nested_taker(steps: tuple[str, ...]) -> Take:
    if EACH not in steps:
        return lambda unit, _captures: value_at(unit, steps)
    at = steps.index(EACH)
    before, after = steps[:at], steps[at + 1 :]

    def take(unit: Unit, _captures: Captures) -> list[Any] | None:
        elements = value_at(unit, before)
        return _each(elements, after) if type(elements) is list else None

    return take


def _each(elements: list[Any], steps: tuple[str, ...]) -> list[Any]:
    """What lies at the steps in every element, in order; a further `[]` adds its elements to the same list."""
    if EACH not in steps:
        return [value_at(element, steps) for element in elements]
    at = steps.index(EACH)
    below = (value_at(element, steps[:at]) for element in elements)
    return [value for inner in below if type(inner) is list for value in _each(inner, steps[at + 1 :])]


def value_at(unit: Any, steps: Iterable[str]) -> Any:
    """The value at the place, which says no `[]`; None when any step is absent."""
    for step in steps:
        if type(unit) is dict:
            unit = unit.get(step)
        elif type(unit) is list and is_index(step):
            at = int(step[1:-1])
            unit = unit[at] if -len(unit) <= at < len(unit) else None
        else:
            return None
    return unit


def spelling(value: Any) -> str:
    """A scalar as a map writes it: text as it is, true, false, null, numbers as in JSON."""
    return value if type(value) is str else json_text(value)
