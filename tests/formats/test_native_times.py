"""Times are RFC 3339 with a zone, cut to microseconds, between 2000 and 2099; nothing else is a time."""

import datetime as dt

import pytest

from dagster_project.formats.base import Rejected
from dagster_project.formats.times import parse_epoch, parse_instant


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-03-01T06:01:56Z", dt.datetime(2026, 3, 1, 6, 1, 56)),
        ("2026-03-01T06:01:56.5Z", dt.datetime(2026, 3, 1, 6, 1, 56, 500_000)),
        ("2026-03-01T06:01:56.123456999Z", dt.datetime(2026, 3, 1, 6, 1, 56, 123_456)),
        ("2026-01-17T12:00:00+14:00", dt.datetime(2026, 1, 16, 22)),
        ("2026-01-01T00:30:00+01:00", dt.datetime(2025, 12, 31, 23, 30)),
        ("2026-03-01T06:01:56-00:00", dt.datetime(2026, 3, 1, 6, 1, 56)),
        ("2000-01-01T00:00:00Z", dt.datetime(2000, 1, 1)),
        ("1999-12-31T23:30:00-01:00", dt.datetime(2000, 1, 1, 0, 30)),
        ("2099-12-31T23:59:59.999999999Z", dt.datetime(2099, 12, 31, 23, 59, 59, 999_999)),
        ("2000-02-29T00:00:00Z", dt.datetime(2000, 2, 29)),
    ],
)
def test_a_time_becomes_its_utc_instant(text: str, expected: dt.datetime) -> None:
    assert parse_instant(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "", "2026-03-01", "2026-03-01 06:01:56Z", "2026-03-01t06:01:56z", "2026-03-01T06:01:56",
        "2026-03-01T06:01:56+05", "2026-03-01T06:01:56+0500", "2026-03-01T06:01:56+24:00", "2026-03-01T06:01:60Z",
        "2026-03-01T24:00:00Z", "2026-02-29T00:00:00Z", "2026-W01-1T00:00:00Z", "2026-060T00:00:00Z",
        "2026-03-01T06:01:56,5Z", "2026-03-01T06:01:56.Z", "2026-03-01T06:01:56.1234567890Z",
        "2026-03-01T06:01:56Z\n", " 2026-03-01T06:01:56Z", "1999-12-31T23:59:59Z", "2100-01-01T00:00:00Z",
        "2000-01-01T00:30:00+01:00", "9999-12-31T23:59:59Z", "\u0662026-03-01T06:01:56Z", "1772344916",
    ],
)  # fmt: skip
def test_anything_else_is_no_time(text: str) -> None:
    with pytest.raises(Rejected, match="bad_timestamp"):
        parse_instant(text)


@pytest.mark.parametrize("value", [1772344916, 1.5, None, True, []])
def test_a_time_that_is_no_text_is_of_the_wrong_type(value: object) -> None:
    with pytest.raises(Rejected, match="bad_type"):
        parse_instant(value)


def test_unix_time_is_cut_to_microseconds() -> None:
    # 2026-03-01T06:01:56Z
    assert parse_epoch(1772344916, nanoseconds=123_456_999) == dt.datetime(2026, 3, 1, 6, 1, 56, 123_456)
    for seconds in (0, 10**20):
        with pytest.raises(Rejected, match="bad_timestamp"):
            parse_epoch(seconds)
