"""What a rule computes beside finding a value: a summary of a list, a unit cut off, a number added, cases."""

from collections.abc import Sequence
from typing import Any

from dagster_project.formats.base import Rejected
from dagster_project.formats.mapped.measures import Convert
from dagster_project.formats.mapped.schema import Case, Rule
from dagster_project.formats.mapped.sources import Captures, Take, Unit, taker
from dagster_project.formats.mapped.summaries import summarize


def computed(rule: Rule, find: Take, *, field: str) -> Take:
    """The source's value with `take`, `prefix` and `suffix` applied."""
    take = rule.take
    if take is not None:
        return lambda unit, captures: summarize(find(unit, captures), take=take, field=field)
    if rule.is_cut:
        prefix, suffix = rule.prefix or "", rule.suffix or ""
        return lambda unit, captures: _without(find(unit, captures), prefix, suffix, field)
    return find


def _without(value: Any, prefix: str, suffix: str, field: str) -> Any:
    if value is None or value == "":
        return value
    if type(value) is not str or not (value.startswith(prefix) and value.endswith(suffix)):
        ends = [f"begins with {prefix!r}"] * bool(prefix) + [f"ends with {suffix!r}"] * bool(suffix)
        raise Rejected("bad_type", f"{field}: expected a text that {' and '.join(ends)}")
    return value.removeprefix(prefix).removesuffix(suffix)


def added(convert: Convert, number: int | None) -> Convert:
    """The conversion with the rule's `add`."""
    return convert if number is None else lambda value, field: convert(value, field) + number


def cases_taker(cases: Sequence[Case], otherwise: Take, convert: Convert, field: str) -> Take:
    """The value of the first case whose text is at its place, else what the rest of the rule gives."""
    known = [(taker(case.source), case.contains, convert(case.value, field)) for case in cases]

    def take(unit: Unit, captures: Captures) -> Any:
        for find, text, value in known:
            found = find(unit, captures)
            if type(found) is str and text in found:
                return value
        return otherwise(unit, captures)

    return take
