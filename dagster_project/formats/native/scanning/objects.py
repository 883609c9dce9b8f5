"""One line as one object: a state machine over its bytes. A line is taken whole or not at all."""

import numpy as np

from dagster_project.formats.native.scanning import letters, values
from dagster_project.formats.native.scanning.kinds import (
    COUNT,
    ESCAPED,
    FLAG,
    INSTANT,
    NONE,
    NULL,
    OBJECT,
    REAL,
    TEXT,
    THERE,
    UNSEEN,
)
from dagster_project.formats.native.scanning.memory import EIGHT, bare, word

# What may come next: after `{` a member or `}`, after a comma a member, after a value a comma or `}`.
_OPENED, _MEMBER, _AFTER_VALUE = range(3)


@bare
def scan(data, starts, ends, names, parents, kinds, followers, states, cells, instants, instant_of, taken):
    """Read the lines one by one into `states` and `cells` (by member, then by line); how many could be taken.

    `taken` tells which. Of a text the cell holds where it begins (upper half) and its bytes, of a number the number.
    `names` holds each member's name and its closing quote in words of eight bytes, and masks for them.
    """
    count = 0
    for line in range(len(starts)):
        # A word read at the end of a line ends within the stretch for all lines but the last ones.
        if _line(data, starts[line], ends[line], count, names, parents, kinds, followers, states, cells, instants,
                 instant_of):  # fmt: skip
            taken[count] = line
            count += 1
        else:
            for member in range(len(kinds)):
                states[member, count] = UNSEEN
    return count


@bare
def _line(data, at, end, row, names, parents, kinds, followers, states, cells, instants, instant_of):
    if end > at and data[end - 1] == letters.RETURN:
        end -= 1
    if at >= end or data[at] != letters.OPEN:
        return False
    around, before, state = NONE, len(kinds), _OPENED
    at += 1
    while True:
        at = _past_spaces(data, at, end)
        if at >= end:
            return False
        letter = data[at]
        if letter == letters.CLOSE and state != _MEMBER:
            at += 1
            if around == NONE:
                return at == end
            before, around, state = around, NONE, _AFTER_VALUE
        elif letter == letters.COMMA and state == _AFTER_VALUE:
            at += 1
            state = _MEMBER
        elif letter == letters.QUOTE and state != _AFTER_VALUE:
            member = _member(data, at + 1, end, around, names, parents, followers[before])
            if member == NONE or states[member, row] != UNSEEN:
                return False
            followers[before] = member
            before = member
            at = _past_colon(data, at + 1 + names[member, 0], end)
            if at == NONE:
                return False
            if data[at] == letters.OPEN and kinds[member] == OBJECT:
                states[member, row] = THERE
                around, state = member, _OPENED
                at += 1
                continue
            at = _value(data, at, end, member, row, kinds[member], states, cells, instants, instant_of)
            if at == NONE:
                return False
            state = _AFTER_VALUE
        else:
            return False


@bare
def _past_spaces(data, at, end):
    while at < end and (data[at] == letters.SPACE or data[at] == letters.TAB or data[at] == letters.RETURN):
        at += 1
    return at


@bare
def _past_colon(data, at, end):
    """Where the value begins; NONE when none does."""
    at = _past_spaces(data, at, end)
    if at >= end or data[at] != letters.COLON:
        return NONE
    at = _past_spaces(data, at + 1, end)
    return at if at < end else NONE


@bare
def _member(data, at, end, around, names, parents, guess):
    """Which member of the object around is written there: the one that followed last time, or one of them all."""
    if guess != NONE and parents[guess] == around and _is_named(data, at, end, names, guess):
        return guess
    for member in range(len(parents)):
        if parents[member] == around and _is_named(data, at, end, names, member):
            return member
    return NONE


@bare
def _is_named(data, at, end, names, member):
    """Whether the name, closing quote included, stands there: its length, then words and masks of eight bytes."""
    length = names[member, 0]
    if at + length > end:
        return False
    for place in range((length + EIGHT - 1) // EIGHT):
        if (word(data, at + place * EIGHT) ^ np.uint64(names[member, 1 + 2 * place])) & np.uint64(
            names[member, 2 + 2 * place]
        ):
            return False
    return True


@bare
def _value(data, at, end, member, row, kind, states, cells, instants, instant_of):
    """Where the value ends that is now in the cell; NONE when it is none of the member's kind."""
    letter = data[at]
    if letter == letters.N:
        states[member, row] = NULL
        return _past_word(data, at, end, letters.NULL_WORD, 4)
    states[member, row] = THERE
    if kind in (TEXT, INSTANT):
        if letter != letters.QUOTE:
            return NONE
        close, is_escaped = values.text_end(data, at + 1, end)
        if close == NONE:
            return NONE
        cells[member, row] = ((at + 1) << 32) | (close - at - 1)
        if is_escaped:
            states[member, row] = ESCAPED
        if kind == INSTANT:
            moment = values.instant(data, at + 1, close - at - 1)
            if moment == values.UNREADABLE:
                return NONE
            instants[instant_of[member], row] = moment
        return close + 1
    if kind == COUNT:
        cells[member, row], at = values.count(data, at, end)
        return at
    if kind == REAL:
        cells[member, row], at = values.real(data, at, end)
        return at
    if kind == FLAG:
        cells[member, row] = letter == letters.T
        if letter == letters.T:
            return _past_word(data, at, end, letters.TRUE_WORD, 4)
        return _past_word(data, at, end, letters.FALSE_WORD, 5)
    return NONE


@bare
def _past_word(data, at, end, expected, size):
    """Where the word of so many letters ends; NONE when another stands there."""
    mask = (np.uint64(1) << np.uint64(8 * size)) - np.uint64(1)
    return at + size if at + size <= end and word(data, at) & mask == np.uint64(expected) else NONE
