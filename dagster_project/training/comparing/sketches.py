"""What the passes over all rows know of a row's text: sets of n-grams, and their MinHash signature.

A row is sketched by named sets. `text` is what user and assistant say, without system prompt and tools: those are
equal in rows that have nothing else in common. `prompt` and `completion` of a pair are kept apart, so that pairs of one
task, which share their prompt, are told apart by what they prefer. `actions` is the sequence of calls.
"""

from itertools import chain

import msgspec
import numpy as np
import rensa

from dagster_project.training.comparing.shingles import (
    NOTHING,
    Hashes,
    distinct,
    is_among,
    ngrams,
    shingles_of_each,
    words_of_each,
)
from dagster_project.training.texts.conversations import Message

GRAM = 5
PERMUTATIONS = 125
SEED = 20_260_301
ROWS_PER_BAND = {"text": 5, "action": 5, "own": 3}
"""Two texts of similarity 0.8 share one of 25 bands of 5 with probability 0.99995, of 0.7 with 0.99; two sets of words
of similarity 0.5 one of 41 bands of 3 with 0.996.
"""
_MULTIPLIER = np.uint64(0x9E3779B97F4A7C15)
_FRAME_TASKS = 10
_GRAM_SHARE = 0.01
_WORD_SHARE = 0.05
"""What at least so many tasks, and such a share of them, have in common is frame."""
_FEWEST_OWN_WORDS = 3
_FRAMED = 0.95
"""A text of whose n-grams no larger share is its own follows a pattern."""
_OWN_SHINGLES = 20
"""N-grams of its own that make a text its own, however long the frame is: four changed words make no more than 20."""
ACTION_CALLS = 5
"""Calls from which on the sequence of calls alone tells near-duplicates."""
SIDES = ("text", "prompt", "completion")
WHOLE = {name: f"{name} whole" for name in SIDES}
SET_NAMES = (*SIDES, *WHOLE.values(), "own_words", "action_words", "actions")
KINDS: dict[str, tuple[str, ...]] = {"text": SIDES, "action": ("actions",), "own": ("own_words",)}
"""Signatures a row may have: over which sets each is made."""
Sides = dict[str, list[Message]]
_TAGS = {name: np.uint64(int.from_bytes(name.encode()[:8].ljust(8), "little")) for name in SET_NAMES}


class Sketch(msgspec.Struct):
    """The sets of one row, by name; absent means empty."""

    sets: dict[str, Hashes]

    def get(self, name: str) -> Hashes:
        return self.sets.get(name, NOTHING)

    def whole(self, name: str) -> Hashes:
        """All n-grams of a side, what other rows share with it too."""
        return self.sets[WHOLE[name]] if WHOLE[name] in self.sets else self.get(name)

    @property
    def is_framed(self) -> bool:
        """Whether the row follows a pattern: only a part of it is its own."""
        return any(name in self.sets for name in WHOLE.values())


class Frame(msgspec.Struct, frozen=True):
    """What the rows of many tasks share and what therefore tells nothing about a row: sorted uint64, as bytes.

    `grams`: n-grams of prompts; `words`: words of user and assistant.
    """

    grams: bytes = b""
    words: bytes = b""


def frame_of(rows: list[Sides], tasks: list[str]) -> Frame:
    """The frame of these rows: n-grams that a hundredth of their tasks have in common, words that a twentieth has."""
    prompts = shingles_of_each(["\n".join(opening(sides)) for sides in rows], GRAM)
    words, counts = words_of_each(["\n".join(_said_by_side(sides).values()) for sides in rows])
    numbers = np.unique(np.array(tasks, object).astype(str), return_inverse=True)[1] if tasks else np.empty(0, np.int64)
    return Frame(
        grams=_shared(np.concatenate([NOTHING, *prompts]), np.repeat(numbers, list(map(len, prompts))), _GRAM_SHARE),
        words=_shared(words, np.repeat(numbers, counts), _WORD_SHARE),
    )


def _shared(values: np.ndarray, tasks: np.ndarray, share: float) -> bytes:
    """The values that such a share of the tasks has, ascending."""
    least = max(_FRAME_TASKS, share * (tasks.max(initial=-1) + 1))
    order = np.lexsort((tasks, values))
    values, tasks = values[order], tasks[order]
    is_first = np.ones(len(values), np.bool_)
    is_first[1:] = (values[1:] != values[:-1]) | (tasks[1:] != tasks[:-1])
    found, counts = np.unique(values[is_first], return_counts=True)
    return found[counts >= least].tobytes()


def sketches_of(rows: list[Sides], *, frame: Frame) -> list[Sketch]:
    """The sketch of each row."""
    said = [_said_by_side(sides) for sides in rows]
    found = iter(shingles_of_each([text for texts in said for text in texts.values()], GRAM))
    grams, words = np.frombuffer(frame.grams, np.uint64), np.frombuffer(frame.words, np.uint64)
    return [
        _sketch(sides, texts, {name: next(found) for name in texts}, grams=grams, words=words)
        for sides, texts in zip(rows, said, strict=True)
    ]


def _sketch(sides: Sides, texts: dict[str, str], found: dict[str, Hashes], *, grams: Hashes, words: Hashes) -> Sketch:
    sets = _action_sets(sides)
    own = {name: _own(all_of_it, grams) for name, all_of_it in found.items()}
    sets |= own
    if sum(map(len, own.values())) < _FRAMED * sum(map(len, found.values())):
        sets |= {WHOLE[name]: all_of_it for name, all_of_it in found.items()}
        spoken, _ = words_of_each(list(texts.values()))
        own_words = _without(distinct(spoken), words)
        if len(own_words) >= _FEWEST_OWN_WORDS:
            sets["own_words"] = own_words
    return Sketch({name: one for name, one in sets.items() if len(one)})


def _own(found: Hashes, shared: Hashes) -> Hashes:
    own = _without(found, shared)
    # A row that is frame all over, but for a few words, is compared as it is.
    return own if len(own) * 10 > len(found) or len(own) >= _OWN_SHINGLES else found


def _action_sets(sides: Sides) -> dict[str, Hashes]:
    calls = [
        call["function"] for messages in sides.values() for message in messages for call in message["tool_calls"] or ()
    ]
    if not calls:
        return {}
    # What agents call a tool with differs in the arguments; the same names are used all over.
    words, _ = words_of_each([f"{call['name']} {call['arguments']}" for call in calls])
    sets = {"action_words": distinct(words)}
    if len(calls) >= ACTION_CALLS:
        sets["actions"] = distinct(ngrams(words, GRAM))
    return sets


def _said_by_side(sides: Sides) -> dict[str, str]:
    return {name: "\n".join(map(_said, messages)) for name, messages in _texts(sides).items()}


def _texts(sides: Sides) -> Sides:
    if "messages" in sides:
        return {"text": sides["messages"]}
    completion = [message for side, messages in sides.items() if side != "prompt" for message in messages]
    return {"prompt": sides["prompt"], **({"completion": completion} if completion else {})}


def _said(message: Message) -> str:
    return message["content"] or "" if message["role"] in ("user", "assistant") else ""


def opening(sides: Sides) -> list[str]:
    """What the user says before the assistant speaks."""
    said = []
    for message in sides.get("messages") or sides["prompt"]:
        if message["role"] == "assistant":
            break
        if message["role"] == "user":
            said.append(message["content"] or "")
    return said


def _without(found: Hashes, known: Hashes) -> Hashes:
    return found[~is_among(found, known)]


def signatures(sketches: list[Sketch], names: tuple[str, ...]) -> np.ndarray:
    """MinHash over the named sets of each row together: rows by permutations (uint32)."""
    tagged = [[sketch.sets[name] ^ _TAGS[name] for name in names if name in sketch.sets] for sketch in sketches]
    sizes = [sum(map(len, sets)) for sets in tagged]
    offsets = np.concatenate([[0], np.cumsum(sizes)]).astype(np.uint64)
    flat = np.concatenate([NOTHING, *chain.from_iterable(tagged)])
    # A compiled module without type stubs: no checker sees its classes.
    hasher = rensa.RMinHash  # ty: ignore[missing-attribute]
    matrix = hasher.digest_matrix_from_flat_token_hashes(flat, offsets, PERMUTATIONS, SEED)
    values = chain.from_iterable(matrix.to_rows())
    return np.fromiter(values, np.uint32, len(sketches) * PERMUTATIONS).reshape(len(sketches), PERMUTATIONS)


def band_keys(signed: np.ndarray, kind: str) -> np.ndarray:
    """A key for each band of each signature (rows by bands, uint64); equal bands have equal keys."""
    rows, bands = ROWS_PER_BAND[kind], band_count(kind)
    keys = np.zeros((len(signed), bands), np.uint64)
    parts = signed[:, : rows * bands].reshape(len(signed), bands, rows).astype(np.uint64)
    for place in range(rows):
        keys = (keys ^ parts[:, :, place]) * _MULTIPLIER
        keys ^= keys >> np.uint64(31)
    return keys


def band_count(kind: str) -> int:
    return PERMUTATIONS // ROWS_PER_BAND[kind]
