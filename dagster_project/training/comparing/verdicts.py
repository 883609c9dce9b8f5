"""Which rows fall away, in which pass and why. A row is known by its position in the order of export."""

from collections import Counter
from collections.abc import Iterator

import numpy as np
import pyarrow as pa

from dagster_project.training.datasets import SPLITS

_LOOKED_AT = 1 << 18
"""Rows whose places are made at once: eight bytes a row."""

Reasons = dict[tuple[str, str], list[int]]
"""Positions by (pass, reason)."""


class Verdicts:
    """Of each row one byte: whether it stays (0), or else in which pass it fell away and why."""

    def __init__(self, rows: int) -> None:
        self._why = np.zeros(rows, np.uint8)
        self._counts: Counter[tuple[str, str]] = Counter()

    def __len__(self) -> int:
        return len(self._why)

    def stay(self, positions: np.ndarray) -> np.ndarray:
        """Whether each of these rows stays so far."""
        return self._why[positions] == 0

    def stays(self, position: int) -> bool:
        return not self._why[position]

    def kept(self) -> np.ndarray:
        """Whether each row stays so far."""
        return self._why == 0

    def drop(self, positions: np.ndarray | list[int], in_pass: str, reason: str) -> None:
        """Drop these rows, none of which was dropped before."""
        if len(positions):
            self._counts[in_pass, reason] += len(positions)
            self._why[positions] = 1 + list(self._counts).index((in_pass, reason))

    def counts(self, in_pass: str) -> Counter[str]:
        """Rows that this pass dropped, by reason."""
        return Counter({reason: count for (name, reason), count in self._counts.items() if name == in_pass})

    def table(self, passes: tuple[str, ...]) -> pa.Table:
        """Columns position, pass, pass_number (its place among all) and reason: one row for each dropped."""
        positions = np.flatnonzero(self._why).astype(np.int32)
        numbers = self._why[positions] - np.uint8(1)
        names, reasons = ([pair[place] for pair in self._counts] for place in (0, 1))
        return pa.table({
            "position": positions,
            "pass": pa.DictionaryArray.from_arrays(numbers, pa.array(names, pa.string())),
            "pass_number": np.array([passes.index(name) for name in names], np.int8)[numbers],
            "reason": pa.DictionaryArray.from_arrays(numbers, pa.array(reasons, pa.string())),
        })  # fmt: skip


def positions_by_split(is_kept: np.ndarray, split: np.ndarray, *, size: int) -> Iterator[tuple[str, np.ndarray]]:
    """Positions of the rows that stay, ascending, of one split after the other, so many of them at once.

    `split`: of each row the place of its split in SPLITS.
    """
    for number, name in enumerate(SPLITS):
        held = np.empty(0, np.int64)
        for first in range(0, len(split), _LOOKED_AT):
            block = slice(first, first + _LOOKED_AT)
            found = np.flatnonzero(is_kept[block] & (split[block] == number)) + first
            held = np.concatenate([held, found])
            while len(held) >= size:
                yield name, held[:size]
                held = held[size:]
        if len(held):
            yield name, held
