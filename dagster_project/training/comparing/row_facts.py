"""What the passes over all rows know of each: two bytes in memory, hashes and signatures on disk.

What lies on disk is read in parts that are small enough to sort, so that memory hardly grows with the number of rows.
"""

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from dagster_project.training.comparing.sketches import band_count
from dagster_project.training.datasets import SPLITS

_LAST_SPLIT = len(SPLITS) - 1
PART_ROWS = 1 << 20
"""Rows that are sorted at once: some 40 MB."""

Part = list[np.ndarray]


class Facts:
    """The facts that `text_pass` wrote of every row. `split`: the place of its split in SPLITS, by position."""

    def __init__(self, folder: Path, chunks: int, *, rows: int) -> None:
        self._folder = folder
        self._chunks = chunks
        self.split = np.zeros(rows, np.int8)
        self._firsts = np.zeros(chunks, np.int64)
        for number, (position, split) in enumerate(self.each("position", "split")):
            self.split[position] = split
            self._firsts[number] = position[0] if len(position) else self._firsts[max(number - 1, 0)]

    def precedence(self, positions: np.ndarray) -> np.ndarray:
        """Numbers whose order is that in which rows stay: test before validation before train, each by position.

        What is held out stays, what resembles it goes.
        """
        return (_LAST_SPLIT - self.split[positions].astype(np.int64)) * len(self.split) + positions

    def chunk_of(self, position: int) -> int:
        return int(np.searchsorted(self._firsts, position, side="right")) - 1

    def each(self, *names: str) -> Iterator[Part]:
        """These columns of each chunk, in the order of the rows."""
        for number in range(self._chunks):
            with np.load(self._folder / f"facts-{number:06d}.npz") as file:
                yield [file[name] for name in names]

    def tokens(self, is_kept: np.ndarray) -> Iterator[np.ndarray]:
        """Tokens of the rows that stay, chunk by chunk."""
        return (tokens[is_kept[position]] for position, tokens in self.each("position", "tokens"))

    def by_content(self) -> Iterator[Part]:
        """Both hashes of the content and the positions of all rows; equal hashes are in one part."""
        paths = [self._folder / f"content-{number}.bin" for number in range(3)]
        with _Writers(paths) as writers:
            for content, more, position in self.each("content", "content_more", "position"):
                writers.write([content, more, position.astype(np.int32)])
        return in_parts(paths, [np.uint64, np.uint64, np.int32])

    def by_band(self, kind: str) -> Iterator[Part]:
        """Keys and positions of the rows that have a signature of this kind, of one band after the other."""
        places = self._folder / f"{kind}-rows.bin"
        bands = [self._folder / f"{kind}-band-{band:02d}.bin" for band in range(band_count(kind))]
        with _Writers([places, *bands]) as writers:
            for position, rows, keys in self.each("position", f"{kind}_row", f"{kind}_keys"):
                writers.write([position[rows].astype(np.int32), *keys.T])
        for band in bands:
            yield from in_parts([band, places], [np.uint64, np.int32])
            band.unlink()


class _Writers:
    """Columns on their way to a file each."""

    def __init__(self, paths: list[Path]) -> None:
        self._files = [path.open("wb") for path in paths]

    def __enter__(self) -> "_Writers":
        return self

    def __exit__(self, *_: object) -> None:
        for file in self._files:
            file.close()

    def write(self, columns: list[np.ndarray]) -> None:
        for file, column in zip(self._files, columns, strict=True):
            file.write(np.ascontiguousarray(column).tobytes())


def in_parts(paths: list[Path], types: list[type], *, part_rows: int = PART_ROWS) -> Iterator[Part]:
    """The columns in parts by ranges of the first one, a key of 64 bits: in its order, no key in two parts."""
    rows = paths[0].stat().st_size // np.dtype(types[0]).itemsize
    bits = max(0, (rows - 1).bit_length() - (part_rows - 1).bit_length())
    for part in range(1 << bits):
        found: list[Part] = []
        for first in range(0, rows, part_rows):
            block = [np.fromfile(path, type_, part_rows, offset=first * np.dtype(type_).itemsize)
                     for path, type_ in zip(paths, types, strict=True)]  # fmt: skip
            if bits:
                is_here = block[0] >> np.uint64(64 - bits) == part
                block = [column[is_here] for column in block]
            found.append(block)
        if found:
            yield [np.concatenate(columns) for columns in zip(*found, strict=True)]
