"""SHA-256 of one block of LANES texts at once, as LLVM's vectors: all they are made of stays in registers.

A loop over the lanes of an array, which the compiler makes wide by itself, reads and writes the array in each step.
"""

from typing import Any

import llvmlite.ir as ir
from numba import types
from numba.extending import intrinsic

from dagster_project.formats.native.scanning.kinds import LANES

_ROUNDS = 64
_WORDS = 16
_BYTE, _WORD, _ADDRESS = ir.IntType(8), ir.IntType(32), ir.IntType(64)
_LANES = ir.VectorType(_WORD, LANES)


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


_CONSTANTS = [_root_bits(prime, 3) for prime in _primes(_ROUNDS)]
BEGIN = [_root_bits(prime, 2) for prime in _primes(8)]
"""The eight words that a hash begins with."""


@intrinsic
def _hash_block(typing_context, places, state):
    """Take one block more into the hash of each lane: `places`: the blocks' addresses, `state`: eight words of each."""

    def emit(context, builder, signature, arguments):
        blocks, hashes = (
            context.make_array(kind)(context, builder, value).data
            for kind, value in zip(signature.args, arguments, strict=True)
        )
        before = [builder.load(_at(builder, hashes, word * LANES, _LANES), align=4) for word in range(8)]
        after = _rounds(builder, before, _words(builder, blocks))
        for word, (old, new) in enumerate(zip(before, after, strict=True)):
            builder.store(builder.add(old, new), _at(builder, hashes, word * LANES, _LANES), align=4)
        return context.get_dummy_value()

    return types.void(places, state), emit


@intrinsic
def _address(typing_context, data):
    """Where the array of bytes lies."""

    def emit(context, builder, signature, arguments):
        array = context.make_array(signature.args[0])(context, builder, arguments[0])
        return builder.ptrtoint(array.data, _ADDRESS)

    return types.int64(data), emit


hash_block: Any = _hash_block
address: Any = _address


def _at(builder, numbers, place, kind):
    return builder.bitcast(builder.gep(numbers, [_ADDRESS(place)]), kind.as_pointer())


def _words(builder, blocks):
    """The sixteen words of the blocks, each of all lanes, its first byte the highest."""
    of_block = ir.VectorType(_WORD, _WORDS)
    turned = ir.Constant(ir.VectorType(_WORD, 64), [place ^ 3 for place in range(64)])
    rows = []
    for lane in range(LANES):
        place = builder.inttoptr(builder.load(builder.gep(blocks, [_ADDRESS(lane)])), of_block.as_pointer())
        letters = builder.bitcast(builder.load(place, align=1), ir.VectorType(_BYTE, 64))
        rows.append(builder.bitcast(builder.shuffle_vector(letters, letters, turned), of_block))
    return _columns(builder, rows)


def _columns(builder, rows):
    """A square turned over: the first half of the rows is mixed into the other, value by value, until all are."""
    half = len(rows) // 2
    kind = ir.VectorType(_WORD, len(rows))
    low, high = (
        ir.Constant(kind, [place for pair in range(half) for place in (first + pair, first + pair + len(rows))])
        for first in (0, half)
    )
    for _ in range(half.bit_length()):
        rows = [
            builder.shuffle_vector(rows[row], rows[row + half], mask) for row in range(half) for mask in (low, high)
        ]
    return rows


def _rounds(builder, state, words):
    a, b, c, d, e, f, g, h = state
    words = list(words)
    for step, constant in enumerate(_CONSTANTS):
        place = step % _WORDS
        if step >= _WORDS:
            words[place] = _next_word(builder, words, place)
        added = _sum(
            builder,
            [h, _mixed(builder, e, 6, 11, 25), builder.xor(g, builder.and_(e, builder.xor(f, g))),
             ir.Constant(_LANES, [constant] * LANES), words[place]],
        )  # fmt: skip
        chosen = builder.or_(builder.and_(a, b), builder.and_(c, builder.or_(a, b)))
        other = builder.add(_mixed(builder, a, 2, 13, 22), chosen)
        a, b, c, d, e, f, g, h = builder.add(added, other), a, b, c, builder.add(d, added), e, f, g
    return [a, b, c, d, e, f, g, h]


def _next_word(builder, words, place):
    """In place of the word of sixteen steps before."""
    near, far = words[(place + 14) % _WORDS], words[(place + 1) % _WORDS]
    return _sum(
        builder,
        [
            words[place],
            _mixed(builder, far, 7, 18, -3),
            words[(place + 9) % _WORDS],
            _mixed(builder, near, 17, 19, -10),
        ],
    )


def _sum(builder, vectors):
    total = vectors[0]
    for vector in vectors[1:]:
        total = builder.add(total, vector)
    return total


def _mixed(builder, vector, *turns):
    """What comes of turning it to the right by so many bits each, of a negative one of shifting it."""
    mixed = None
    for turn in turns:
        bits = ir.Constant(_LANES, [abs(turn)] * LANES)
        part = builder.lshr(vector, bits)
        if turn > 0:
            part = builder.or_(part, builder.shl(vector, ir.Constant(_LANES, [32 - turn] * LANES)))
        mixed = part if mixed is None else builder.xor(mixed, part)
    return mixed
