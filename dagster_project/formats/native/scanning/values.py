"""JSON's texts and numbers and RFC 3339's times, read strictly: what is not plain is refused, not guessed."""

import datetime as dt

import numpy as np

from dagster_project.formats.native.scanning import letters
from dagster_project.formats.native.scanning.kinds import NONE
from dagster_project.formats.native.scanning.memory import EIGHT, bare, first_byte, load8
from dagster_project.formats.times import BEYOND, EARLIEST

_ONES = np.uint64(0x0101010101010101)
_HIGH = np.uint64(0x8080808080808080)
_QUOTES = np.uint64(0x0101010101010101 * letters.QUOTE)
_BACKSLASHES = np.uint64(0x0101010101010101 * letters.BACKSLASH)
_SPACES = np.uint64(0x0101010101010101 * letters.SPACE)
_POWERS = 10.0 ** np.arange(23)  # each is exactly what it says
_EXACT = 1 << 53
_MOST_DIGITS = 18
_SHORTEST = len("2026-03-01T06:01:56Z")
_MOST_FRACTION_DIGITS = 9
_SECOND = 1_000_000
_EARLIEST, _BEYOND = (int(moment.replace(tzinfo=dt.UTC).timestamp()) * _SECOND for moment in (EARLIEST, BEYOND))
_DATE, _CLOCK = (np.uint64(int.from_bytes(text, "little")) for text in (b"0000-00-", b"00T00:00"))
# What is to be added so that the highest bit tells a letter that is too much: to a digit, and to one between them.
_MOST_OF_DATE, _MOST_OF_CLOCK = (
    np.uint64(int.from_bytes(bytes(0x76 if letter == ord("0") else 0x7F for letter in text), "little"))
    for text in (b"0000-00-", b"00T00:00")
)
UNREADABLE = np.iinfo(np.int64).min


@bare
def text_end(data, at, end):
    """Where the text's closing quote stands, and whether escapes are in it. (NONE, _) when it cannot be read.

    Escapes by number are refused: they can write half characters, and those that the content's text is made with.
    """
    is_escaped = False
    while at + EIGHT <= end:
        eight = load8(data, at)
        quotes, backslashes = eight ^ _QUOTES, eight ^ _BACKSLASHES
        # A byte below its subtrahend borrows: of what is told the lowest is true, those above it may not be.
        told = ((quotes - _ONES) & ~quotes) | ((backslashes - _ONES) & ~backslashes) | ((eight - _SPACES) & ~eight)
        if not told & _HIGH:
            at += EIGHT
            continue
        at += first_byte(told & _HIGH)
        if data[at] == letters.QUOTE:
            return at, is_escaped
        if data[at] != letters.BACKSLASH or at + 1 >= end or not _is_simple_escape(data[at + 1]):
            return NONE, is_escaped
        is_escaped = True
        at += 2
    while at < end:
        letter = data[at]
        if letter == letters.QUOTE:
            return at, is_escaped
        if letter < letters.SPACE:
            return NONE, is_escaped
        if letter == letters.BACKSLASH:
            at += 1
            if at >= end or not _is_simple_escape(data[at]):
                return NONE, is_escaped
            is_escaped = True
        at += 1
    return NONE, is_escaped


@bare
def _is_simple_escape(letter):
    return (
        letter == letters.QUOTE
        or letter == letters.BACKSLASH
        or letter == letters.SLASH
        or letter == letters.B
        or letter == letters.F
        or letter == letters.N
        or letter == letters.R
        or letter == letters.T
    )


@bare
def is_digit(letter):
    return letters.ZERO <= letter <= letters.NINE


@bare
def count(data, at, end):
    """A whole number, and where it ends; (_, NONE) when it is none, or -0, or too long."""
    is_negative = data[at] == letters.MINUS
    first = at + is_negative
    value, at = _digits(data, first, end, 0)
    if at == first or at - first > _MOST_DIGITS or (data[first] == letters.ZERO and (at - first > 1 or is_negative)):
        return 0, NONE
    return -value if is_negative else value, at


@bare
def real(data, at, end):
    """A real number's bits, and where it ends; (_, NONE) when it is none or one operation would not give it exactly."""
    is_negative = data[at] == letters.MINUS
    first = at + is_negative
    value, at = _digits(data, first, end, 0)
    digits = at - first
    if digits == 0 or digits > _MOST_DIGITS or (digits > 1 and data[first] == letters.ZERO):
        return 0, NONE
    scale = 0
    if at < end and data[at] == letters.POINT:
        point = at + 1
        value, at = _digits(data, point, end, value)
        scale = point - at
        if scale == 0 or digits - scale > _MOST_DIGITS:
            return 0, NONE
    if at < end and (data[at] == letters.E or data[at] == letters.CAPITAL_E):
        at += 1
        lowers = at < end and data[at] == letters.MINUS
        at += at < end and (data[at] == letters.MINUS or data[at] == letters.PLUS)
        point = at
        exponent, at = _digits(data, point, end, 0)
        if at == point or at - point > 3:
            return 0, NONE
        scale += -exponent if lowers else exponent
    if value > _EXACT or (value == 0 and is_negative) or abs(scale) >= len(_POWERS):
        return 0, NONE
    number = value / _POWERS[-scale] if scale < 0 else value * _POWERS[scale]
    if number >= _EXACT:
        return 0, NONE
    return np.float64(-number if is_negative else number).view(np.int64), at


@bare
def _digits(data, at, end, value):
    """What stood before and the digits from `at` on as one number, and where they end. Too many give nonsense."""
    value = np.int64(value)
    while at < end and is_digit(data[at]):
        value = value * 10 + np.int64(data[at]) - letters.ZERO
        at += 1
    return value, at


@bare
def instant(data, at, size):
    """Microseconds since 1970 (UTC) of an RFC 3339 time; UNREADABLE of what `times.parse_instant` refuses."""
    end = at + size
    if size < _SHORTEST or not _are_date_and_time(data, at):
        return UNREADABLE
    year, month, day = _pair(data, at) * 100 + _pair(data, at + 2), _pair(data, at + 5), _pair(data, at + 8)
    hour, minute, second = _pair(data, at + 11), _pair(data, at + 14), _pair(data, at + 17)
    if month < 1 or month > 12 or day < 1 or day > _days_of(year, month) or hour > 23 or minute > 59 or second > 59:
        return UNREADABLE
    part, at = _fraction(data, at + 19, end)
    offset = _offset(data, at, end)
    if part == NONE or offset == UNREADABLE:
        return UNREADABLE
    minutes = (_days_since_1970(year, month, day) * 24 + hour) * 60 + minute - offset
    moment = (minutes * 60 + second) * _SECOND + part
    return moment if _EARLIEST <= moment < _BEYOND else UNREADABLE


@bare
def _are_date_and_time(data, at):
    """Letter by letter: digits become 0 to 9, and what must stand between them 0; more is too much."""
    date, clock = load8(data, at) ^ _DATE, load8(data, at + EIGHT) ^ _CLOCK
    wrong = date | (date + _MOST_OF_DATE) | clock | (clock + _MOST_OF_CLOCK)
    if wrong & _HIGH or data[at + 16] != letters.COLON:
        return False
    return is_digit(data[at + 17]) and is_digit(data[at + 18])


@bare
def _fraction(data, at, end):
    """Microseconds of the second, cut, and where the zone begins; (NONE, _) of no digit or more than nine."""
    if data[at] != letters.POINT:
        return np.int64(0), at
    first = at + 1
    value, at = _digits(data, first, end, 0)
    if at == first or at - first > _MOST_FRACTION_DIGITS:
        return np.int64(NONE), at
    for _ in range(at - first, _MOST_FRACTION_DIGITS):
        value *= 10
    return value // 1000, at


@bare
def _offset(data, at, end):
    """Minutes to take away; UNREADABLE where neither Z nor ±HH:MM ends the text."""
    if at + 1 == end and data[at] == letters.CAPITAL_Z:
        return 0
    if at + 6 != end or data[at + 3] != letters.COLON or (data[at] != letters.PLUS and data[at] != letters.MINUS):
        return UNREADABLE
    for place in (1, 2, 4, 5):
        if not is_digit(data[at + place]):
            return UNREADABLE
    hours, minutes = _pair(data, at + 1), _pair(data, at + 4)
    if hours > 23 or minutes > 59:
        return UNREADABLE
    return hours * 60 + minutes if data[at] == letters.PLUS else -(hours * 60 + minutes)


@bare
def _pair(data, at):
    return (np.int64(data[at]) - letters.ZERO) * 10 + np.int64(data[at + 1]) - letters.ZERO


@bare
def _days_of(year, month):
    if month == 2:
        return 29 if year % 4 == 0 and (year % 100 != 0 or year % 400 == 0) else 28
    return 30 if month == 4 or month == 6 or month == 9 or month == 11 else 31


@bare
def _days_since_1970(year, month, day):
    """By years that begin in March, whose last day is the one that some of them lack."""
    year -= month <= 2
    of_year = (153 * (month + (-3 if month > 2 else 9)) + 2) // 5 + day - 1
    return year * 365 + year // 4 - year // 100 + year // 400 + of_year - 719_468
