"""Running totals: what a counter grew by since the unit before, exactly as both were written."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from dagster_project.formats.mapped.sources import place, value_at


class Counters:
    """The map's `counters`. Each is a number, or an object whose numbers run together."""

    def __init__(self, sources: Sequence[str]) -> None:
        self._places = [place(source) or () for source in sources]

    def grown(self, content: dict[str, Any], *, before: dict[str, Any] | None, is_known: bool) -> dict[str, Any]:
        """The unit with every counter replaced by what it grew by.

        `before` is the unit before, None when this is the first: then a counter began at 0, as it did where any
        of its numbers fell. `is_known` false: the unit before could not be read, and what it grew by is unknown,
        as it is where that unit does not say the number.
        """
        for steps in self._places:
            here = value_at(content, steps)
            if not is_known:
                content = _with(content, steps, None)
            elif before is not None:
                content = _with(content, steps, _growth(here, value_at(before, steps)))
        return content


def _growth(here: Any, then: Any) -> Any:
    if type(here) is dict:
        earlier = then if type(then) is dict else {}
        began_anew = any(_is_less(value, earlier.get(name)) for name, value in here.items())
        return {name: value if began_anew else _difference(value, earlier.get(name)) for name, value in here.items()}
    return here if _is_less(here, then) else _difference(here, then)


def _is_number(value: Any) -> bool:
    return type(value) is int or type(value) is float


def _is_less(here: Any, then: Any) -> bool:
    return _is_number(here) and _is_number(then) and here < then


def _difference(here: Any, then: Any) -> Any:
    """Decimal, because 0.3 - 0.1 is not 0.2 in doubles. What is no number stays as it is."""
    if not _is_number(here):
        return here
    if not _is_number(then):
        return None
    if type(here) is int and type(then) is int:
        return here - then
    return float(Decimal(repr(here)) - Decimal(repr(then)))


def _with(content: dict[str, Any], steps: tuple[str, ...], value: Any) -> dict[str, Any]:
    """A copy that has another value at the place; the same when the place is absent."""
    first, rest = steps[0], steps[1:]
    if first not in content or (rest and type(content[first]) is not dict):
        return content
    return {**content, first: _with(content[first], rest, value) if rest else value}
