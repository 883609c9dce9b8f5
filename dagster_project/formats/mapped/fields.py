"""Rules of a map compiled to functions: unit and captures in, a value of the column's type out."""

import re
from typing import Any

import pyarrow as pa

from dagster_project import records
from dagster_project.formats.base import Rejected
from dagster_project.formats.mapped.computed import added, cases_taker, computed
from dagster_project.formats.mapped.measures import Convert, decimal_of, duration, fraction, instant
from dagster_project.formats.mapped.schema import Rule
from dagster_project.formats.mapped.sources import CAPTURE, Captures, Take, Unit, first_taker, spelling, taker
from dagster_project.formats.mapped.templates import fill, parse
from dagster_project.formats.strict_json import json_type

_INTEGER = re.compile(r"-?(?:0|[1-9][0-9]{0,18})")


def field_taker(rule: Rule, *, field: str, column: pa.DataType, is_text: bool) -> Take:
    """The rule as a function. `is_text`: the file knows only text (CSV); numbers are read from text there, as from
    captures and templates, which are text in every file.
    """
    is_captured = any(source.startswith(CAPTURE) for source in rule.sources)
    is_spelt = is_text or rule.template is not None or is_captured or rule.is_cut
    convert = converter(column, unit=rule.unit, is_text=is_spelt, zone=rule.zone)
    if rule.constant is not None:
        constant = convert(rule.constant, field)
        return lambda _unit, _captures: constant
    find = _template_taker(rule.template, field=field) if rule.template is not None else first_taker(rule.sources)
    find = computed(rule, find, field=field)
    convert = added(convert, rule.add)
    if rule.cases:
        return cases_taker(rule.cases, _otherwise(rule, find, convert, field=field, is_text=is_text), convert, field)
    return _otherwise(rule, find, convert, field=field, is_text=is_text)


def _otherwise(rule: Rule, find: Take, convert: Convert, *, field: str, is_text: bool) -> Take:
    if rule.values is None and not rule.null_values and not is_text:
        return lambda unit, captures: None if (value := find(unit, captures)) is None else convert(value, field)
    return _careful_taker(rule, find, convert, field=field, is_text=is_text)


def _careful_taker(rule: Rule, find: Take, convert: Convert, *, field: str, is_text: bool) -> Take:
    nulls = frozenset(spelling(value) for value in rule.null_values) | ({""} if is_text else frozenset())
    values = None if rule.values is None else {key: convert(value, field) for key, value in rule.values.items()}

    def take(unit: Unit, captures: Captures) -> Any:
        value = find(unit, captures)
        if value is None and (values is None or "null" not in values):
            return None
        key = spelling(value)
        if key in nulls:
            return None
        if values is None:
            return convert(value, field)
        if key not in values:
            raise Rejected("bad_enum", f"{field}: the map gives no meaning to {key[:64]!r}")
        return values[key]

    return take


def _template_taker(template: str, *, field: str) -> Take:
    parts = parse(template)
    takers = {part.text: taker(part.text) for part in parts if part.is_placeholder}

    def take(unit: Unit, captures: Captures) -> str | None:
        def lookup(name: str) -> str | None:
            value = takers[name](unit, captures)
            return None if value is None else as_text(value, field)

        return fill(parts, lookup)

    return take


def label_taker(rule: Rule, *, field: str, is_text: bool) -> Take:
    """The rule as a function that gives the label's text."""
    return field_taker(rule, field=field, column=_LABEL, is_text=is_text)


def converter(column: pa.DataType, *, unit: str | None, is_text: bool, zone: str | None = None) -> Convert:
    """The function from a source's value to the column's; it raises Rejected and never coerces silently."""
    if column == records.INSTANT:
        return instant(unit, zone=zone)
    if column == records.COUNT:
        if unit is not None:
            return duration(unit, is_text=is_text)
        return lambda value, field: _count(value, field, is_text=is_text)
    if column == records.REAL:
        if unit is not None:
            return fraction(unit, is_text=is_text)
        return lambda value, field: float(decimal_of(value, field, is_text=is_text))
    if column == SCALAR:
        return _scalar
    if column == ANY:
        return lambda value, _field: value
    return _label if column == _LABEL else as_text


_LABEL = records.LABELS
SCALAR = pa.null()
"""Stands for any scalar, kept as it came."""
ANY = pa.list_(SCALAR)
"""Stands for any value, kept as it came."""


def _scalar(value: Any, field: str) -> Any:
    if type(value) in {str, int, float, bool}:
        return value
    raise _bad_type(value, field, "a string, number or boolean")


def as_text(value: Any, field: str) -> str:
    """An id or name: text as it is, a whole number or truth value as JSON writes it."""
    if type(value) is str:
        return value
    if type(value) is int or type(value) is bool:
        return spelling(value)
    raise _bad_type(value, field, "a string or whole number")


def _label(value: Any, field: str) -> str:
    if type(value) in {str, int, float, bool}:
        return spelling(value)
    raise _bad_type(value, field, "a string, number or boolean")


def _count(value: Any, field: str, *, is_text: bool) -> int:
    if type(value) is int:
        return value
    if is_text and type(value) is str and _INTEGER.fullmatch(value):
        return int(value)
    raise _bad_type(value, field, "a whole number")


def _bad_type(value: Any, field: str, expected: str) -> Rejected:
    return Rejected("bad_type", f"{field}: expected {expected}, found {json_type(value)} {spelling(value)[:64]}")
