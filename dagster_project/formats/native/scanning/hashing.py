"""SHA-256 of many short texts side by side: each step is done to LANES texts at once, by a few wide instructions."""

import numpy as np
from numba import uint32

from dagster_project.formats.native.scanning.kinds import LANES
from dagster_project.formats.native.scanning.memory import EIGHT, bare, inlined, load8, store8, word

_BLOCK = 64
_ROUNDS = 64


def _primes(count: int) -> list[int]:
    found: list[int] = []
    number = 2
    while len(found) < count:
        if all(number % prime for prime in found):
            found.append(number)
        number += 1
    return found


def _root_bits(number: int, root: int) -> int:
    """The first 32 bits behind the point of a root, exactly."""
    scaled = number << (32 * root)
    low, high = 0, 1 << 40
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if middle**root <= scaled else (low, middle)
    return low & 0xFFFFFFFF


_CONSTANTS = np.array([_root_bits(prime, 3) for prime in _primes(_ROUNDS)], dtype=np.uint32)
_BEGIN = np.array([_root_bits(prime, 2) for prime in _primes(8)], dtype=np.uint32)
_U4, _U8, _U16, _U32 = np.uint64(4), np.uint64(8), np.uint64(16), np.uint64(32)
_LOW_HALVES = np.uint64(0x000F000F000F000F)


@bare
def _turned(value, places):
    return uint32((value >> uint32(places)) | (value << uint32(32 - places)))


@bare
def hash_texts(data, offsets, count, out, words, state, result):
    """The hashes of `count` texts as digits. The last three are room to work in."""
    for first in range(0, count, LANES):
        lanes = min(LANES, count - first)
        blocks = 0
        for lane in range(lanes):
            blocks = max(blocks, _blocks(offsets, first + lane))
        for place in range(8):
            for lane in range(LANES):
                result[place, lane] = _BEGIN[place]
        for block in range(blocks):
            for lane in range(lanes):
                _fill(data, offsets[first + lane], offsets[first + lane + 1], block, words, lane)
            _turn_bytes(words)
            for lane in range(lanes):
                if block + 1 == _blocks(offsets, first + lane):
                    _write_length(words, lane, offsets[first + lane + 1] - offsets[first + lane])
            _rounds(words, state, result)
            for lane in range(lanes):
                if block + 1 == _blocks(offsets, first + lane):
                    _write_digits(result, lane, out, (first + lane) * _BLOCK)
    return count


@bare
def _blocks(offsets, text):
    """With the bit that ends a text and its length in eight bytes."""
    return (offsets[text + 1] - offsets[text] + 9 + _BLOCK - 1) // _BLOCK


@bare
def _fill(data, begin, end, block, words, lane):
    """The block's words of one text, in the machine's order; beyond its blocks, zeros."""
    at = begin + block * _BLOCK
    for place in range(0, 16, 2):
        left = end - at
        if left >= EIGHT:
            eight = load8(data, at)
        elif left >= 0:  # the text's last letters, then the bit that ends it
            shift = np.uint64(8 * left)
            eight = (word(data, at) & ((np.uint64(1) << shift) - np.uint64(1))) | (np.uint64(0x80) << shift)
        else:
            eight = np.uint64(0)
        words[place, lane] = uint32(eight & np.uint64(0xFFFFFFFF))
        words[place + 1, lane] = uint32(eight >> np.uint64(32))
        at += EIGHT


@bare
def _turn_bytes(words):
    """The words as they are meant: their first byte is the highest."""
    for place in range(16):
        for lane in range(LANES):
            four = words[place, lane]
            words[place, lane] = (
                (four << uint32(24))
                | ((four & uint32(0xFF00)) << uint32(8))
                | ((four >> uint32(8)) & uint32(0xFF00))
                | (four >> uint32(24))
            )


@bare
def _write_length(words, lane, size):
    bits = np.uint64(8 * size)
    words[14, lane] = uint32(bits >> np.uint64(32))
    words[15, lane] = uint32(bits & np.uint64(0xFFFFFFFF))


@bare
def _rounds(words, state, result):
    for place in range(16, _ROUNDS):
        for lane in range(LANES):
            near, far = words[place - 2, lane], words[place - 15, lane]
            words[place, lane] = uint32(
                words[place - 16, lane]
                + uint32(_turned(far, 7) ^ _turned(far, 18) ^ uint32(far >> uint32(3)))
                + words[place - 7, lane]
                + uint32(_turned(near, 17) ^ _turned(near, 19) ^ uint32(near >> uint32(10)))
            )
    for place in range(8):
        for lane in range(LANES):
            state[place, lane] = result[place, lane]
    for step in range(0, _ROUNDS, 8):
        # The eight values change their roles in turn, and stay where they are.
        _step(words, state, step, 0, 1, 2, 3, 4, 5, 6, 7)
        _step(words, state, step + 1, 7, 0, 1, 2, 3, 4, 5, 6)
        _step(words, state, step + 2, 6, 7, 0, 1, 2, 3, 4, 5)
        _step(words, state, step + 3, 5, 6, 7, 0, 1, 2, 3, 4)
        _step(words, state, step + 4, 4, 5, 6, 7, 0, 1, 2, 3)
        _step(words, state, step + 5, 3, 4, 5, 6, 7, 0, 1, 2)
        _step(words, state, step + 6, 2, 3, 4, 5, 6, 7, 0, 1)
        _step(words, state, step + 7, 1, 2, 3, 4, 5, 6, 7, 0)
    for place in range(8):
        for lane in range(LANES):
            result[place, lane] = result[place, lane] + state[place, lane]


@inlined
def _step(words, state, step, a, b, c, d, e, f, g, h):
    """One of the rounds. Its places are written out: else nothing tells the compiler that they are different ones."""
    constant = _CONSTANTS[step]
    for lane in range(LANES):
        one, other = state[a, lane], state[e, lane]
        added = uint32(
            state[h, lane]
            + uint32(_turned(other, 6) ^ _turned(other, 11) ^ _turned(other, 25))
            + uint32(state[g, lane] ^ uint32(other & uint32(state[f, lane] ^ state[g, lane])))
            + constant
            + words[step, lane]
        )
        chosen = uint32(uint32(one & state[b, lane]) | uint32(state[c, lane] & uint32(one | state[b, lane])))
        state[d, lane] = uint32(state[d, lane] + added)
        state[h, lane] = uint32(added + uint32(_turned(one, 2) ^ _turned(one, 13) ^ _turned(one, 22)) + chosen)


@bare
def _write_digits(result, lane, out, to):
    """Each word as eight digits at once: a byte for each half byte, the highest first, and then its letter."""
    for place in range(8):
        value = np.uint64(result[place, lane])
        value = (value >> _U16) | ((value & np.uint64(0xFFFF)) << _U32)
        value = ((value >> _U8) & np.uint64(0x000000FF000000FF)) | ((value & np.uint64(0x000000FF000000FF)) << _U16)
        value = ((value >> _U4) & _LOW_HALVES) | ((value & _LOW_HALVES) << _U8)
        are_letters = ((value + np.uint64(0x0606060606060606)) >> _U4) & np.uint64(0x0101010101010101)
        store8(out, to, value + np.uint64(0x3030303030303030) + are_letters * np.uint64(ord("a") - ord("0") - 10))
        to += EIGHT
