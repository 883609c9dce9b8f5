"""Guards: reading the facts of rows in parts changes neither what is compared with what, nor in which order."""

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from dagster_project.training.comparing import verdicts
from dagster_project.training.comparing.near_duplicates import _Kept
from dagster_project.training.comparing.row_facts import in_parts
from dagster_project.training.comparing.sketches import PERMUTATIONS
from dagster_project.training.comparing.verdicts import Verdicts


def test_rows_are_read_in_parts_without_parting_equal_keys(tmp_path: Path) -> None:
    """2,000 keys of 64 bits with many equal ones, in parts of about 64: together they are all keys in their order."""
    keys = np.random.default_rng(7).integers(0, 300, 2_000, dtype=np.uint64) << np.uint64(55)
    keys.tofile(tmp_path / "keys.bin")
    np.arange(2_000, dtype=np.int32).tofile(tmp_path / "places.bin")
    parts = list(in_parts([tmp_path / "keys.bin", tmp_path / "places.bin"], [np.uint64, np.int32], part_rows=64))
    assert len(parts) == 32
    assert all(set(one[0]).isdisjoint(other[0]) for one, other in pairwise(parts))
    found = [pair for part in parts for pair in sorted(zip(part[0].tolist(), part[1].tolist(), strict=True))]
    assert found == sorted(zip(keys.tolist(), range(2_000), strict=True))


def test_of_a_large_bucket_the_rows_kept_last_are_compared_the_oldest_of_them_first() -> None:
    kept = _Kept(3)
    for position in range(5):
        kept.add(position, np.full(PERMUTATIONS, position % 2, np.uint32))
    assert list(kept.resembling(np.zeros(PERMUTATIONS, np.uint32), least=0.5)) == [2, 4]
    assert list(kept.resembling(np.ones(PERMUTATIONS, np.uint32), least=0.5)) == [3]


def test_rows_that_fall_away_one_by_one_are_told_in_one_piece() -> None:
    """Each was a table of its own of 11 kB: 20,000 near-duplicates of a million rows took 220 MB."""
    verdicts = Verdicts(3_000)
    for position in range(1_000):
        verdicts.drop([position], "near dedupe", "near_duplicate")
    table = verdicts.table(("near dedupe",))
    assert len(table) == verdicts.counts("near dedupe").total() == 1_000
    assert [column.num_chunks for column in table.columns] == [1, 1, 1, 1]


def test_a_dropped_row_is_told_with_its_pass_and_reason() -> None:
    verdicts = Verdicts(4)
    verdicts.drop([2], "scrub", "scrub_residue")
    verdicts.drop(np.array([3]), "cap", "tool_cap")
    verdicts.drop([], "cap", "agent_cap")
    assert verdicts.kept().tolist() == [True, True, False, False]
    assert verdicts.counts("cap") == {"tool_cap": 1}
    assert verdicts.table(("scrub", "cap")).to_pylist() == [
        {"position": 2, "pass": "scrub", "pass_number": 0, "reason": "scrub_residue"},
        {"position": 3, "pass": "cap", "pass_number": 1, "reason": "tool_cap"},
    ]


def test_rows_that_stay_are_placed_file_by_file_whatever_is_looked_at_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(verdicts, "_LOOKED_AT", 2)
    is_kept = np.array([True, True, False, True, True, True], bool)
    split = np.array([0, 0, 0, 1, 0, 0], np.int8)
    placed = [(name, part.tolist()) for name, part in verdicts.positions_by_split(is_kept, split, size=3)]
    assert placed == [("train", [0, 1, 4]), ("train", [5]), ("validation", [3])]
