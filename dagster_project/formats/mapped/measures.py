"""Units of measure: what a declared unit makes of a number or text, exactly as it was written.

Durations become milliseconds (what is below is rounded, halves to even), times UTC instants (cut to microseconds),
amounts dollars, percentages shares. Decimal throughout, because 0.29 * 100 is not 29 in doubles.
"""

import datetime as dt
import re
import zoneinfo
from collections.abc import Callable
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any

from dagster_project.formats.base import Rejected
from dagster_project.formats.strict_json import json_type
from dagster_project.formats.text_lane import json_text
from dagster_project.formats.times import in_range, parse_epoch, parse_instant

Convert = Callable[[Any, str], Any]

_MILLISECONDS = {
    "ns": Decimal("0.000001"), "us": Decimal("0.001"), "ms": Decimal(1), "s": Decimal(1000), "min": Decimal(60_000),
    "h": Decimal(3_600_000),
}  # fmt: skip
_PER_SECOND = {"unix_s": 1, "unix_ms": 10**3, "unix_us": 10**6, "unix_ns": 10**9}
_WHOLE = {"percent": 100, "cents": 100, "micros": 10**6}
UNITS: dict[str, tuple[str, ...]] = {
    "duration": (*_MILLISECONDS, "clock"),
    "time": ("date", *_PER_SECOND),
    "amount": ("cents", "micros"),
    "share": ("percent",),
}
"""What is measured → its units. Times may also be of a form such as `%Y-%m-%d %H:%M:%S`."""

_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?")
_CLOCK = re.compile(r"([0-9]{1,4}):([0-5][0-9]):([0-5][0-9](?:\.[0-9]{1,9})?)")
_OFFSET = re.compile(r"([+-])([01][0-9]|2[0-3]):([0-5][0-9])")


def is_form(unit: str | None) -> bool:
    """Whether the unit spells a time of the map's own form."""
    return unit is not None and unit.startswith("%")


def decimal_of(value: Any, field: str, *, is_text: bool) -> Decimal:
    """The number as it was written. Raises Rejected: bad_type for anything else."""
    if type(value) is int or type(value) is float or (is_text and type(value) is str and _NUMBER.fullmatch(value)):
        return Decimal(value if type(value) is str else repr(value))
    raise Rejected("bad_type", f"{field}: expected a number, found {json_type(value)} {_shown(value)}")


def duration(unit: str, *, is_text: bool) -> Convert:
    """Milliseconds of a number of the unit, or of the text `HH:MM:SS.fff` (`clock`)."""
    if unit == "clock":
        return _clock
    factor = _MILLISECONDS[unit]
    return lambda value, field: _rounded(decimal_of(value, field, is_text=is_text) * factor)


def fraction(unit: str, *, is_text: bool) -> Convert:
    """The share or amount that so many hundredths (or millionths) are."""
    whole = _WHOLE[unit]
    return lambda value, field: float(decimal_of(value, field, is_text=is_text) / whole)


def instant(unit: str | None, *, zone: str | None = None) -> Convert:
    """A UTC instant of a time in that unit, or of that form and zone (default UTC)."""
    if unit is None:
        return lambda value, field: parse_instant(value, field=field)
    if unit == "date":
        return _day
    if unit in _PER_SECOND:
        return lambda value, field: _epoch(value, field, nanoseconds=10**9 // _PER_SECOND[unit])
    found = zone_of(zone) if zone is not None else dt.UTC
    return lambda value, field: _of_form(value, field, form=unit, zone=found)


def zone_of(name: str) -> dt.tzinfo:
    """An offset (`+02:00`) or a zone of the time zone database (`Europe/Berlin`). Raises ValueError."""
    offset = _OFFSET.fullmatch(name)
    if offset:
        ahead = dt.timedelta(hours=int(offset[2]), minutes=int(offset[3]))
        return dt.timezone(-ahead if offset[1] == "-" else ahead)
    try:
        return zoneinfo.ZoneInfo(name)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ValueError(f"{name!r} is no time zone") from error


def _rounded(milliseconds: Decimal) -> int:
    return int(milliseconds.to_integral_value(ROUND_HALF_EVEN))


def _clock(value: Any, field: str) -> int:
    found = _CLOCK.fullmatch(value) if type(value) is str else None
    if found is None:
        raise Rejected("bad_type", f"{field}: expected HH:MM:SS, found {json_type(value)} {_shown(value)}")
    hours, minutes, seconds = found.groups()
    return _rounded((int(hours) * 3600 + int(minutes) * 60 + Decimal(seconds)) * 1000)


def _day(value: Any, field: str) -> dt.datetime:
    return parse_instant(f"{value}T00:00:00Z" if type(value) is str else value, field=field)


def _epoch(value: Any, field: str, *, nanoseconds: int) -> dt.datetime:
    """The unit is declared, so that digits in quotes are a number too: writers quote what a double cannot hold."""
    seconds, rest = divmod(int(decimal_of(value, field, is_text=True) * nanoseconds), 10**9)
    return parse_epoch(seconds, nanoseconds=rest, field=field)


def _of_form(value: Any, field: str, *, form: str, zone: dt.tzinfo) -> dt.datetime:
    """A time as RFC 3339 or of the map's own form."""
    spelt = _six_digits(value) if type(value) is str and form.endswith(".%f") else value
    try:
        found = dt.datetime.strptime(spelt, form) if type(spelt) is str else None
    except ValueError:
        found = None
    # Written back it must be the same text: strptime takes more than one spelling.
    if found is None or found.strftime(form) != spelt:
        return parse_instant(value, field=field)
    return in_range(_utc(found, zone, field) if found.tzinfo is None else _plain(found), field=field)


def _six_digits(text: str) -> str:
    """1 to 9 fractional digits as the six that strptime writes."""
    before, point, digits = text.rpartition(".")
    return f"{before}{point}{digits[:6]:0<6}" if digits.isdecimal() and len(digits) <= 9 else text


def _utc(local: dt.datetime, zone: dt.tzinfo, field: str) -> dt.datetime:
    """Raises Rejected for a local time that the clocks skipped, or showed twice."""
    earlier, later = (_plain(local.replace(tzinfo=zone, fold=fold)) for fold in (0, 1))
    if earlier != later:
        raise Rejected("bad_timestamp", f"{field}: {local} is no single instant in {zone}: clocks were changed then")
    return earlier


def _plain(aware: dt.datetime) -> dt.datetime:
    return aware.astimezone(dt.UTC).replace(tzinfo=None)


def _shown(value: Any) -> str:
    return (value if type(value) is str else json_text(value))[:64]
