"""SHA-256 of many short texts side by side: a lane that has done with its text goes on with the next one."""

import numpy as np

from dagster_project.formats.native.scanning.kinds import LANES, NONE
from dagster_project.formats.native.scanning.memory import EIGHT, bare, load8, store8, word
from dagster_project.formats.native.scanning.sha256_block import BEGIN, address, hash_block

_BLOCK = 64
_TAIL = 2 * _BLOCK
_BEGIN = np.array(BEGIN, dtype=np.uint32)
_ONE = np.uint64(1)
_U4, _U8, _U16, _U32 = np.uint64(4), np.uint64(8), np.uint64(16), np.uint64(32)
_LOW_HALVES = np.uint64(0x000F000F000F000F)


@bare
def hash_texts(data, offsets, count, out, tails, lanes, state):
    """The hashes of `count` texts as digits. The last three are room to work in: of each lane the ends of its text, and
    the address of its next block, its text, and how many blocks are left, and how many of them before the end."""
    places, text_of, left, whole = lanes[0], lanes[1], lanes[2], lanes[3]
    for lane in range(LANES):
        text_of[lane], left[lane] = NONE, 0
    begun, ended = 0, 0
    while True:
        for lane in range(LANES):
            if left[lane] == 0:
                if text_of[lane] != NONE:
                    _write_digits(state, lane, out, text_of[lane] * _BLOCK)
                    ended += 1
                _begin(data, offsets, count, begun, lane, tails, places, text_of, left, whole, state)
                begun += begun < count
            elif whole[lane] == 0:
                places[lane] = address(tails) + lane * _TAIL
            else:
                places[lane] += _BLOCK
            left[lane] -= 1
            whole[lane] -= 1
        if ended == count:
            return count
        hash_block(places, state)


@bare
def _begin(data, offsets, count, begun, lane, tails, places, text_of, left, whole, state):
    """Give the lane the next text, or nothing to keep where there is none."""
    places[lane] = address(tails) + lane * _TAIL
    if begun == count:
        text_of[lane], left[lane], whole[lane] = NONE, 1, 1
        return
    begin, end = np.int64(offsets[begun]), np.int64(offsets[begun + 1])
    text_of[lane] = begun
    whole[lane] = (end - begin) // _BLOCK
    left[lane] = (end - begin + 9 + _BLOCK - 1) // _BLOCK
    if whole[lane] > 0:
        places[lane] = address(data) + begin
    last = lane * _TAIL + (left[lane] - whole[lane]) * _BLOCK - EIGHT
    _write_tail(data, begin + whole[lane] * _BLOCK, end, tails, lane * _TAIL, last, np.uint64(8 * (end - begin)))
    for place in range(8):
        state[place, lane] = _BEGIN[place]


@bare
def _write_tail(data, at, end, tails, to, last, bits):
    """The text's last letters, the bit that ends it, zeros, and in `last` how many bits it has."""
    while to <= last:
        left = end - at
        if left >= EIGHT:
            eight = load8(data, at)
        elif left >= 0:
            shift = np.uint64(8 * left)
            eight = (word(data, at) & ((_ONE << shift) - _ONE)) | (np.uint64(0x80) << shift)
        else:
            eight = np.uint64(0)
        store8(tails, to, eight)
        at += EIGHT
        to += EIGHT
    for place in range(EIGHT):
        tails[last + place] = np.uint8((bits >> np.uint64(8 * (EIGHT - 1 - place))) & np.uint64(0xFF))


@bare
def _write_digits(state, lane, out, to):
    """Each word as eight digits at once: a byte for each half byte, the highest first, and then its letter."""
    for place in range(8):
        value = np.uint64(state[place, lane])
        value = (value >> _U16) | ((value & np.uint64(0xFFFF)) << _U32)
        value = ((value >> _U8) & np.uint64(0x000000FF000000FF)) | ((value & np.uint64(0x000000FF000000FF)) << _U16)
        value = ((value >> _U4) & _LOW_HALVES) | ((value & _LOW_HALVES) << _U8)
        are_letters = ((value + np.uint64(0x0606060606060606)) >> _U4) & np.uint64(0x0101010101010101)
        store8(out, to, value + np.uint64(0x3030303030303030) + are_letters * np.uint64(ord("a") - ord("0") - 10))
        to += EIGHT
