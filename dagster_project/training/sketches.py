"""What the passes over all rows know of a row's text: sets of n-grams, and their MinHash signature.

A row is sketched by named sets. `text` is what user and assistant say, without system prompt and tools: those are
equal in rows that have nothing else in common. `prompt` and `completion` of a pair are kept apart, so that pairs of one
task, which share their prompt, are told apart by what they prefer. `actions` is the sequence of calls.
"""

import os
from itertools import chain
from pathlib import Path

import msgspec
import numpy as np
import rensa

from dagster_project.training.conversations import Message
from dagster_project.training.shingles import (
    NOTHING,
    Hashes,
    distinct,
    ngrams,
    shingles,
    shingles_of_each,
    words_of_each,
)

GRAM = 5
PERMUTATIONS = 125
SEED = 20_260_301
ROWS_PER_BAND = 5
BANDS = PERMUTATIONS // ROWS_PER_BAND
"""Two texts of similarity 0.8 share one of 25 bands of 5 with probability 0.99995."""
_MULTIPLIER = np.uint64(0x9E3779B97F4A7C15)
_OWN_SHINGLES = 20
"""N-grams of its own that make a text its own, however long the frame is: four changed words make no more than 20."""
ACTION_CALLS = 5
"""Calls from which on the sequence of calls alone tells near-duplicates."""
_SET_NAMES = ("text", "prompt", "completion", "action_words", "actions")
KINDS: dict[str, tuple[str, ...]] = {"text": ("text", "prompt", "completion"), "action": ("actions",)}
"""Signatures a row may have: over which sets each is made."""
Sides = dict[str, list[Message]]
_TAGS = {name: np.uint64(int.from_bytes(name.encode()[:8].ljust(8), "little")) for name in _SET_NAMES}


class Sketch(msgspec.Struct):
    """The sets of one row, by name; absent means empty."""

    sets: dict[str, Hashes]

    def get(self, name: str) -> Hashes:
        return self.sets.get(name, NOTHING)


def sketches_of(rows: list[Sides], *, boilerplate: Hashes) -> list[Sketch]:
    """The sketch of each row. `boilerplate`: n-grams of prompts that say nothing about a row, sorted."""
    said = [{name: "\n".join(map(_said, messages)) for name, messages in _texts(sides).items()} for sides in rows]
    found = iter(shingles_of_each([text for texts in said for text in texts.values()], GRAM))
    return [
        _sketch(sides, {name: next(found) for name in texts}, boilerplate=boilerplate)
        for sides, texts in zip(rows, said, strict=True)
    ]


def _sketch(sides: Sides, found: dict[str, Hashes], *, boilerplate: Hashes) -> Sketch:
    calls = [
        call["function"] for messages in sides.values() for message in messages for call in message["tool_calls"] or ()
    ]
    # What agents call a tool with differs in the arguments; the same names are used all over.
    sets: dict[str, Hashes] = {}
    if calls:
        words, _ = words_of_each([f"{call['name']} {call['arguments']}" for call in calls])
        sets["action_words"] = distinct(words)
        if len(calls) >= ACTION_CALLS:
            sets["actions"] = distinct(ngrams(words, GRAM))
    for name, grams in found.items():
        telling = _without(grams, boilerplate)
        # A row that is boilerplate all over, but for a few words, is compared as it is.
        is_own = len(telling) * 10 > len(grams) or len(telling) >= _OWN_SHINGLES
        sets[name] = telling if is_own else grams
    return Sketch({name: grams for name, grams in sets.items() if len(grams)})


def _texts(sides: Sides) -> Sides:
    if "messages" in sides:
        return {"text": sides["messages"]}
    completion = [message for side, messages in sides.items() if side != "prompt" for message in messages]
    return {"prompt": sides["prompt"], **({"completion": completion} if completion else {})}


def _said(message: Message) -> str:
    return message["content"] or "" if message["role"] in ("user", "assistant") else ""


def prompt_shingles(sides: Sides) -> Hashes:
    """N-grams of what the user says before the assistant speaks."""
    return shingles("\n".join(opening(sides)), GRAM)


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
    if len(known) == 0 or len(found) == 0:
        return found
    places = np.searchsorted(known, found)
    places[places == len(known)] = 0
    return found[known[places] != found]


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


def band_keys(signed: np.ndarray) -> np.ndarray:
    """A key for each band of each signature (rows by bands, uint64); equal bands have equal keys."""
    keys = np.zeros((len(signed), BANDS), np.uint64)
    parts = signed.reshape(len(signed), BANDS, ROWS_PER_BAND).astype(np.uint64)
    for place in range(ROWS_PER_BAND):
        keys = (keys ^ parts[:, :, place]) * _MULTIPLIER
        keys ^= keys >> np.uint64(31)
    return keys


class SketchFile:
    """The sketches and signatures of a chunk's rows, read one at a time: nothing of them stays in memory."""

    def __init__(self, path: Path) -> None:
        self._handle = os.open(path, os.O_RDONLY)
        self._offsets = np.load(path.with_suffix(".offsets.npy"))
        self._rows = {kind: np.load(path.with_suffix(f".{kind}-rows.npy")) for kind in KINDS}

    def signature(self, row: int, kind: str) -> np.ndarray:
        """Signature of a row that has one of this kind."""
        before = [len(rows) for rows in self._rows.values()][: list(KINDS).index(kind)]
        place = sum(before) + int(np.searchsorted(self._rows[kind], row))
        first = int(self._offsets[-1]) + place * PERMUTATIONS
        return self._read(first, first + PERMUTATIONS)

    def sketch(self, row: int) -> Sketch:
        hashes = self._read(int(self._offsets[row]), int(self._offsets[row + 1]))
        parts = np.split(hashes[len(_SET_NAMES) :], np.cumsum(hashes[: len(_SET_NAMES)])[:-1])
        return Sketch({name: part for name, part in zip(_SET_NAMES, parts, strict=True) if len(part)})

    def _read(self, first: int, last: int) -> np.ndarray:
        size = np.dtype(np.uint32).itemsize
        return np.frombuffer(os.pread(self._handle, (last - first) * size, first * size), np.uint32)

    def close(self) -> None:
        os.close(self._handle)


def write_sketches(path: Path, sketches: list[Sketch]) -> dict[str, np.ndarray]:
    """Write what SketchFile reads; the rows and band keys of each kind.

    The file: of each row the sizes of its sets and their hashes, then the signatures of each kind, all uint32.
    """
    sets = [sketch.get(name) for sketch in sketches for name in _SET_NAMES]
    sizes = np.array(list(map(len, sets)), np.int64).reshape(len(sketches), len(_SET_NAMES))
    offsets = np.concatenate([[0], np.cumsum(sizes.sum(axis=1) + len(_SET_NAMES))])
    content = np.empty(int(offsets[-1]), np.uint32)
    is_size = np.zeros(len(content), np.bool_)
    is_size[offsets[:-1, None] + np.arange(len(_SET_NAMES))] = True
    content[is_size] = sizes.ravel()
    # Half of each hash: enough to compare two rows, and half the disk.
    content[~is_size] = np.concatenate([NOTHING, *sets]).astype(np.uint32)
    content.tofile(path)
    np.save(path.with_suffix(".offsets.npy"), offsets)
    keys: dict[str, np.ndarray] = {}
    for kind, names in KINDS.items():
        rows = [number for number, sketch in enumerate(sketches) if any(name in sketch.sets for name in names)]
        signed = signatures([sketches[number] for number in rows], names)
        np.save(path.with_suffix(f".{kind}-rows.npy"), np.array(rows, np.int64))
        with path.open("ab") as file:
            file.write(signed.tobytes())
        keys |= {f"{kind}_row": np.array(rows, np.int64), f"{kind}_keys": band_keys(signed)}
    return keys
