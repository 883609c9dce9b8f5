"""Columns out of the cells, and the text of each line's content; see `content` for what that says."""

import numpy as np

from dagster_project.formats.native.scanning import letters
from dagster_project.formats.native.scanning.kinds import COUNT, ESCAPED, FLAG, NONE, OBJECT, REAL, THERE
from dagster_project.formats.native.scanning.memory import EIGHT, bare, copy, store8

_ABSENT = 0x1E
_TEN = np.uint64(10)
_EIGHT_DIGITS = np.uint64(10**8)
_HASH_DIGITS = 64
_SIZE = 0xFFFFFFFF


@bare
def text_bytes(states, cells):
    """At most so many bytes have the member's texts."""
    total = np.int64(0)
    for row in range(len(states)):
        if states[row] >= THERE:
            total += cells[row] & _SIZE
    return total


@bare
def gather_texts(data, states, cells, offsets, out):
    """The member's texts one after the other; how many bytes."""
    to = np.int64(0)
    offsets[0] = 0
    for row in range(len(states)):
        if states[row] >= THERE:
            to = _write_text(data, cells[row], states[row], out, to)
        offsets[row + 1] = to
    return to


@bare
def _write_text(data, cell, state, out, to):
    at, size = cell >> 32, cell & _SIZE
    if state != ESCAPED:
        copy(data, at, size, out, to)
        return to + size
    end = at + size
    while at < end:
        letter = data[at]
        if letter == letters.BACKSLASH:
            at += 1
            letter = _escaped_letter(data[at])
        out[to] = letter
        to += 1
        at += 1
    return to


@bare
def _escaped_letter(letter):
    if letter == letters.N:
        return np.uint8(letters.NEWLINE)
    if letter == letters.T:
        return np.uint8(letters.TAB)
    if letter == letters.R:
        return np.uint8(letters.RETURN)
    if letter == letters.B:
        return np.uint8(letters.BELL)
    if letter == letters.F:
        return np.uint8(letters.FEED)
    return letter


@bare
def write_contents(data, rows, kinds, states, cells, hashes, hash_of, members, places, inside, between, offsets, out):
    """What each line says, one text after the other, by the steps that `ContentSteps` describes; how many bytes.

    `hash_of` says which of the hashes stands for a member's text.
    """
    to = np.int64(0)
    for row in range(rows):
        offsets[row] = to
        step = 0
        while step < len(members):
            copy(between, places[step], places[step + 1] - places[step], out, to)
            to += places[step + 1] - places[step]
            member = members[step]
            if member == NONE:
                step += 1
                continue
            if states[member, row] < THERE:
                out[to] = _ABSENT
                to += 1
                step += inside[step]
            elif hash_of[member] != NONE:
                copy(hashes, (hash_of[member] * rows + row) * _HASH_DIGITS, _HASH_DIGITS, out, to)
                to += _HASH_DIGITS
            elif kinds[member] == COUNT or kinds[member] == REAL:
                to = _write_number(cells[member, row], out, to)
            elif kinds[member] == FLAG:
                to = _write_flag(cells[member, row], out, to)
            elif kinds[member] != OBJECT:
                to = _write_text(data, cells[member, row], states[member, row], out, to)
            step += 1
    offsets[rows] = to
    return to


@bare
def _write_number(number, out, to):
    if number < 0:
        out[to] = letters.MINUS
        to += 1
    left = np.uint64(-number if number < 0 else number)
    if left >= _EIGHT_DIGITS:
        higher = left // _EIGHT_DIGITS
        if higher >= _EIGHT_DIGITS:
            to = _write_first(higher // _EIGHT_DIGITS, out, to)
            store8(out, to, _eight_digits(higher % _EIGHT_DIGITS))
            to += EIGHT
        else:
            to = _write_first(higher, out, to)
        store8(out, to, _eight_digits(left % _EIGHT_DIGITS))
        return to + EIGHT
    return _write_first(left, out, to)


@bare
def _write_first(number, out, to):
    """A number of at most eight digits, without zeros before it."""
    zeros = np.int64(EIGHT - 1)
    for power in (10, 100, 1_000, 10_000, 100_000, 1_000_000, 10_000_000):
        zeros -= number >= np.uint64(power)
    store8(out, to, _eight_digits(number) >> np.uint64(8 * zeros))
    return to + EIGHT - zeros


@bare
def _eight_digits(number):
    """The letters of a number's eight digits: halves in four bytes each, then pairs in two, then digits in one.

    What is divided by 100 and by 10 so is below 10,000 and 100: for these the product's upper bits are the quotient.
    """
    halves = number // np.uint64(10_000) | (number % np.uint64(10_000)) << np.uint64(32)
    hundreds = ((halves * np.uint64(10_486)) >> np.uint64(20)) & np.uint64(0x0000007F0000007F)
    pairs = hundreds | (halves - hundreds * np.uint64(100)) << np.uint64(16)
    tens = ((pairs * np.uint64(103)) >> np.uint64(10)) & np.uint64(0x000F000F000F000F)
    return (tens | (pairs - tens * _TEN) << np.uint64(8)) + np.uint64(0x0101010101010101 * letters.ZERO)


@bare
def _write_flag(flag, out, to):
    store8(out, to, np.uint64(letters.TRUE_WORD if flag else letters.FALSE_WORD))
    return to + (4 if flag else 5)
