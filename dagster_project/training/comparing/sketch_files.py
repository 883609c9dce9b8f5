"""Sketches and signatures of a chunk's rows on disk, read one row at a time."""

import os
from pathlib import Path

import numpy as np

from dagster_project.training.comparing.shingles import NOTHING
from dagster_project.training.comparing.sketches import KINDS, PERMUTATIONS, SET_NAMES, Sketch, band_keys, signatures


class SketchFile:
    """The sketches and signatures of a chunk's rows, by their positions, read one at a time."""

    def __init__(self, path: Path) -> None:
        self._handle = os.open(path, os.O_RDONLY)
        self._positions = np.load(path.with_suffix(".positions.npy"))
        self._offsets = np.load(path.with_suffix(".offsets.npy"))
        self._rows = {kind: np.load(path.with_suffix(f".{kind}-rows.npy")) for kind in KINDS}

    def signature(self, position: int, kind: str) -> np.ndarray:
        """Signature of a row that has one of this kind."""
        row = int(np.searchsorted(self._positions, position))
        before = [len(rows) for rows in self._rows.values()][: list(KINDS).index(kind)]
        place = sum(before) + int(np.searchsorted(self._rows[kind], row))
        first = int(self._offsets[-1]) + place * PERMUTATIONS
        return self._read(first, first + PERMUTATIONS)

    def sketch(self, position: int) -> Sketch:
        row = int(np.searchsorted(self._positions, position))
        hashes = self._read(int(self._offsets[row]), int(self._offsets[row + 1]))
        parts = np.split(hashes[len(SET_NAMES) :], np.cumsum(hashes[: len(SET_NAMES)])[:-1])
        return Sketch({name: part for name, part in zip(SET_NAMES, parts, strict=True) if len(part)})

    def _read(self, first: int, last: int) -> np.ndarray:
        size = np.dtype(np.uint32).itemsize
        return np.frombuffer(os.pread(self._handle, (last - first) * size, first * size), np.uint32)

    def close(self) -> None:
        os.close(self._handle)


def write_sketches(path: Path, sketches: list[Sketch], *, positions: np.ndarray) -> dict[str, np.ndarray]:
    """Write what SketchFile reads; the rows (by their place here) and band keys of each kind.

    The file: of each row the sizes of its sets and their hashes, then the signatures of each kind, all uint32.
    """
    sets = [sketch.get(name) for sketch in sketches for name in SET_NAMES]
    sizes = np.array(list(map(len, sets)), np.int64).reshape(len(sketches), len(SET_NAMES))
    offsets = np.concatenate([[0], np.cumsum(sizes.sum(axis=1) + len(SET_NAMES))])
    content = np.empty(int(offsets[-1]), np.uint32)
    is_size = np.zeros(len(content), np.bool_)
    is_size[offsets[:-1, None] + np.arange(len(SET_NAMES))] = True
    content[is_size] = sizes.ravel()
    # Half of each hash: enough to compare two rows, and half the disk.
    content[~is_size] = np.concatenate([NOTHING, *sets]).astype(np.uint32)
    content.tofile(path)
    np.save(path.with_suffix(".offsets.npy"), offsets)
    np.save(path.with_suffix(".positions.npy"), positions)
    keys: dict[str, np.ndarray] = {}
    for kind, names in KINDS.items():
        rows = [number for number, sketch in enumerate(sketches) if any(name in sketch.sets for name in names)]
        signed = signatures([sketches[number] for number in rows], names)
        np.save(path.with_suffix(f".{kind}-rows.npy"), np.array(rows, np.int64))
        with path.open("ab") as file:
            file.write(signed.tobytes())
        keys |= {f"{kind}_row": np.array(rows, np.int64), f"{kind}_keys": band_keys(signed, kind)}
    return keys
