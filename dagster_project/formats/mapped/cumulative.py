"""Flags that stay true: a success reported again by every later trial is still one run.

Its events share one run id; the warehouse folds a run's events by event id, the last one standing, so the ids count
downwards and the earliest trial stands, in whatever order the files come.
"""

from typing import Any

from dagster_project.formats.base import Rejected
from dagster_project.formats.identity import identity
from dagster_project.formats.mapped.schema import Cumulative
from dagster_project.formats.mapped.sources import Captures, Unit, taker

_HIGHEST = 999_999_999
_SETTLED = "settled"


class Settlement:
    """Which run a unit tells of, where the map has a cumulative flag."""

    def __init__(self, rule: Cumulative, *, event_id: list[str]) -> None:
        self._rule = rule
        self._flag, self._order = taker(rule.flag), taker(rule.order)
        self._kept = [place for place, source in enumerate(event_id) if source != rule.order]

    def is_settled(self, unit: Unit, captures: Captures) -> bool:
        """Whether the flag is true. Raises Rejected when it is no truth value."""
        flag = self._flag(unit, captures)
        if type(flag) is not bool:
            raise Rejected("bad_type", f"cumulative.flag: {self._rule.flag} is no truth value")
        return flag

    def ids(self, unit: Unit, captures: Captures, *, name: str, parts: list[str]) -> tuple[str, str]:
        """(run id, event id) of a settled unit. Raises Rejected when its order is no number below a billion."""
        kept = [parts[place] for place in self._kept]
        countdown = _HIGHEST - self._number(self._order(unit, captures))
        return identity(name, *kept, _SETTLED), identity(name, *kept, _SETTLED, f"{countdown:09d}")

    def _number(self, value: Any) -> int:
        is_spelt = type(value) is str and value.isascii() and value.isdigit() and len(value) <= 9
        number = int(value) if is_spelt else value
        if type(number) is not int or not 0 <= number <= _HIGHEST:
            raise Rejected("bad_type", f"cumulative.order: {self._rule.order} is no whole number of up to 9 digits")
        return number
