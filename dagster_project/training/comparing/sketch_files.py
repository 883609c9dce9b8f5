"""Sketches and signatures of a chunk's rows on disk, read one row at a time."""

import os
from pathlib import Path

import numpy as np

from dagster_project.training.comparing.shingles import NOTHING
from dagster_project.training.comparing.sketches import KINDS, PERMUTATIONS, SET_NAMES, Sketch, band_keys, signatures

_PLACES = 2 + len(KINDS)
"""Of each row where its sketch begins and ends, and where its signature of each kind begins."""
_PLACE, _HASH = np.dtype(np.int64), np.dtype(np.uint32)


class SketchFile:
    """The sketches and signatures of a chunk's rows, by their positions, read one at a time.

    To open one costs next to nothing: the rows of a bucket come from as many files as there are chunks.
    """

    def __init__(self, path: Path) -> None:
        self._handle = os.open(path, os.O_RDONLY)
        [self._first] = self._read(0, 1, _PLACE).tolist()

    def signature(self, position: int, kind: str) -> np.ndarray:
        """Signature of a row that has one of this kind."""
        return self._read(self._places(position)[2 + list(KINDS).index(kind)], PERMUTATIONS, _HASH)

    def sketch(self, position: int) -> Sketch:
        first, last, *_ = self._places(position)
        hashes = self._read(first, (last - first) // _HASH.itemsize, _HASH)
        parts = np.split(hashes[len(SET_NAMES) :], np.cumsum(hashes[: len(SET_NAMES)])[:-1])
        return Sketch({name: part for name, part in zip(SET_NAMES, parts, strict=True) if len(part)})

    def _places(self, position: int) -> list[int]:
        before = 1 + (position - self._first) * _PLACES
        return self._read(before * _PLACE.itemsize, _PLACES, _PLACE).tolist()

    def _read(self, place: int, count: int, type_: np.dtype) -> np.ndarray:
        return np.frombuffer(os.pread(self._handle, count * type_.itemsize, place), type_)

    def close(self) -> None:
        os.close(self._handle)


def write_sketches(path: Path, sketches: list[Sketch], *, positions: np.ndarray) -> dict[str, np.ndarray]:
    """Write what SketchFile reads; the rows (by their place here) and band keys of each kind.

    The file: the first position, the places of each position from there on, then of each row the sizes of its sets and
    their hashes, then the signatures of each kind.
    """
    sets = [sketch.get(name) for sketch in sketches for name in SET_NAMES]
    sizes = np.array(list(map(len, sets)), np.int64).reshape(len(sketches), len(SET_NAMES))
    offsets = np.concatenate([[0], np.cumsum(sizes.sum(axis=1) + len(SET_NAMES))])
    content = np.empty(int(offsets[-1]), _HASH)
    is_size = np.zeros(len(content), np.bool_)
    is_size[offsets[:-1, None] + np.arange(len(SET_NAMES))] = True
    content[is_size] = sizes.ravel()
    # Half of each hash: enough to compare two rows, and half the disk.
    content[~is_size] = np.concatenate([NOTHING, *sets]).astype(_HASH)
    first = positions[:1].sum()
    own = positions - first
    places = np.zeros((own.max(initial=-1) + 1, _PLACES), _PLACE)
    places[own, 0], places[own, 1] = offsets[:-1], offsets[1:]
    end, signed = int(offsets[-1]), []
    keys: dict[str, np.ndarray] = {}
    for number, (kind, names) in enumerate(KINDS.items()):
        rows = [row for row, sketch in enumerate(sketches) if any(name in sketch.sets for name in names)]
        signed.append(signatures([sketches[row] for row in rows], names))
        places[own[rows], 2 + number] = end + PERMUTATIONS * np.arange(len(rows))
        end += signed[-1].size
        keys |= {f"{kind}_row": np.array(rows, np.int64), f"{kind}_keys": band_keys(signed[-1], kind)}
    before = _PLACE.itemsize + places.nbytes
    with path.open("wb") as file:
        for part in (np.array([first], _PLACE), places * _HASH.itemsize + before, content, *signed):
            file.write(part.tobytes())
    return keys
