"""What a rule's `take` makes of a list: one value, or unknown for a list without any."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from dagster_project.formats.base import Rejected
from dagster_project.formats.strict_json import json_type

Number = int | float


def summarize(value: Any, *, take: str, field: str) -> Any:
    """The summary of the list, in which null elements do not count. Raises Rejected for anything but a list."""
    if value is None:
        return None
    if type(value) is not list:
        raise Rejected("bad_type", f"{field}: expected an array, found {json_type(value)}")
    return _SUMMARIES[take]([element for element in value if element is not None], field)


def _numbers(elements: list[Any], field: str) -> list[Number]:
    """The elements as numbers; true is 1 and false 0."""
    for element in elements:
        if type(element) not in {int, float, bool}:
            raise Rejected("bad_type", f"{field}: expected numbers in the array, found {json_type(element)}")
    return [int(element) if type(element) is bool else element for element in elements]


def _sum(elements: list[Any], field: str) -> Number | None:
    """Exact as written: the elements are added as decimals."""
    numbers = _numbers(elements, field)
    if all(type(number) is int for number in numbers):
        return sum(numbers) if numbers else None
    return float(sum((Decimal(repr(number)) for number in numbers), Decimal(0)))


def _mean(elements: list[Any], field: str) -> float | None:
    total = _sum(elements, field)
    return None if total is None else float(Decimal(repr(total)) / len(elements))


def _any(elements: list[Any], field: str) -> bool | None:
    if any(type(element) is not bool for element in elements):
        raise Rejected("bad_type", f"{field}: expected true or false in the array")
    return any(elements) if elements else None


def _join(elements: list[Any], field: str) -> str | None:
    if any(type(element) is not str for element in elements):
        raise Rejected("bad_type", f"{field}: expected texts in the array")
    return ", ".join(elements) if elements else None


_SUMMARIES: dict[str, Callable[[list[Any], str], Any]] = {
    "count": lambda elements, _field: len(elements),
    "sum": _sum,
    "mean": _mean,
    "max": lambda elements, field: max(_numbers(elements, field), default=None),
    "min": lambda elements, field: min(_numbers(elements, field), default=None),
    "any": _any,
    "join": _join,
    "last": lambda elements, _field: elements[-1] if elements else None,
}
