"""Columns out of the cells, and the text of each line's content; see `content` for what that says."""

import numpy as np

from dagster_project.formats.native.scanning import letters
from dagster_project.formats.native.scanning.kinds import COUNT, ESCAPED, FLAG, NONE, OBJECT, REAL, THERE
from dagster_project.formats.native.scanning.memory import bare, copy, store8

_ABSENT = 0x1E
_TEN = np.uint64(10)
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
def write_contents(data, rows, kinds, states, cells, hashes, hash_of, order, before, inside, offsets, out):
    """What each line says, one text after the other; how many bytes.

    `order` names the members as they stand in it, those of an object after it; `before`, the separator of each;
    `inside`, how many an object has. `hash_of` says which of the hashes stands for a member's text.
    """
    to = np.int64(0)
    for row in range(rows):
        offsets[row] = to
        place = 0
        while place < len(order):
            member = order[place]
            out[to] = before[place]
            to += before[place] != 0
            if states[member, row] < THERE:
                out[to] = _ABSENT
                to += 1
                place += inside[place]
            elif hash_of[member] != NONE:
                copy(hashes, (hash_of[member] * rows + row) * _HASH_DIGITS, _HASH_DIGITS, out, to)
                to += _HASH_DIGITS
            elif kinds[member] == COUNT or kinds[member] == REAL:
                to = _write_number(cells[member, row], out, to)
            elif kinds[member] == FLAG:
                to = _write_flag(cells[member, row], out, to)
            elif kinds[member] != OBJECT:
                to = _write_text(data, cells[member, row], states[member, row], out, to)
            place += 1
    offsets[rows] = to
    return to


@bare
def _write_number(number, out, to):
    if number < 0:
        out[to] = letters.MINUS
        to += 1
    left = np.uint64(-number if number < 0 else number)
    size, larger = 1, left
    while larger >= _TEN:
        larger //= _TEN
        size += 1
    for place in range(to + size - 1, to - 1, -1):
        shorter = left // _TEN
        out[place] = np.uint8(letters.ZERO + (left - shorter * _TEN))
        left = shorter
    return to + size


@bare
def _write_flag(flag, out, to):
    store8(out, to, np.uint64(letters.TRUE_WORD if flag else letters.FALSE_WORD))
    return to + (4 if flag else 5)
