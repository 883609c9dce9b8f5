"""Instants as RFC 3339 writes them, and what they become: naive UTC datetimes of microseconds."""

import datetime as dt
import re

from dagster_project.formats.base import Rejected

_RFC3339 = re.compile(
    r"((?:1999|2[0-9]{3})-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2})(?:\.([0-9]{1,9}))?(?:Z|([+-])([0-9]{2}):([0-9]{2}))"
)
_EPOCH = dt.datetime(1970, 1, 1)
EARLIEST = dt.datetime(2000, 1, 1)
BEYOND = dt.datetime(2100, 1, 1)


def parse_instant(text: object, *, field: str = "time") -> dt.datetime:
    """The UTC instant of an RFC 3339 time: `T`, 0 to 9 fractional digits (cut to 6), `Z` or ±HH:MM.

    Raises Rejected: bad_type when it is no string, bad_timestamp when it is malformed, names no real time,
    or lies outside the years 2000 to 2099.
    """
    if type(text) is not str:
        raise Rejected("bad_type", f"{field} must be an RFC 3339 string")
    if len(text) == 20 and text[4::3] == "--T::Z" and text[0] == "2":
        # The usual shape, YYYY-MM-DDTHH:MM:SSZ: every separator is in its place, the digits are checked here.
        try:
            return in_range(dt.datetime.fromisoformat(text[:19]), field=field)
        except ValueError:
            raise Rejected("bad_timestamp", f"{field} is {text!r}, no such time") from None
    match = _RFC3339.fullmatch(text)
    if match is None:
        raise Rejected("bad_timestamp", f"{field} is {text[:64]!r}, not RFC 3339 with T and Z or ±HH:MM")
    seconds, fraction, sign, hours, minutes = match.groups()
    try:
        instant = dt.datetime.fromisoformat(seconds)
    except ValueError:
        raise Rejected("bad_timestamp", f"{field} is {text[:64]!r}, no such time") from None
    if fraction:
        instant = instant.replace(microsecond=int(fraction[:6].ljust(6, "0")))
    if sign:
        instant -= _offset(sign, int(hours), int(minutes), text=text, field=field)
    return in_range(instant, field=field)


def parse_epoch(seconds: int, *, nanoseconds: int = 0, field: str = "time") -> dt.datetime:
    """The UTC instant of whole seconds since 1970 plus nanoseconds (cut to microseconds).

    Raises Rejected: bad_timestamp outside the years 2000 to 2099.
    """
    try:
        instant = _EPOCH + dt.timedelta(seconds=seconds, microseconds=nanoseconds // 1000)
    except OverflowError:
        raise Rejected("bad_timestamp", f"{field} lies outside the years 2000 to 2099") from None
    return in_range(instant, field=field)


def in_range(instant: dt.datetime, *, field: str = "time") -> dt.datetime:
    """The instant itself. Raises Rejected: bad_timestamp outside the years 2000 to 2099 (UTC)."""
    if not EARLIEST <= instant < BEYOND:
        raise Rejected("bad_timestamp", f"{field} lies outside the years 2000 to 2099")
    return instant


def _offset(sign: str, hours: int, minutes: int, *, text: str, field: str) -> dt.timedelta:
    if hours > 23 or minutes > 59:
        raise Rejected("bad_timestamp", f"{field} is {text[:64]!r}, no such offset")
    offset = dt.timedelta(hours=hours, minutes=minutes)
    return -offset if sign == "-" else offset
