"""The enumeration of all points is an even sample wherever it is stopped, and goes on there, trying none twice."""

import json
from collections import Counter
from pathlib import Path

from tests.faults.enumerate import in_order, read
from tests.faults.grounds import Prepared
from tests.faults.points import Point

SIZES = {("write", "part"): 40, ("rename", "snapshot"): 3, ("read", "source"): 7}


def prepared() -> dict[str, Prepared]:
    points = [Point(*pair, "io-error", ordinal) for pair, size in SIZES.items() for ordinal in range(1, size + 1)]
    return {name: Prepared(points, lambda _point: []) for name in ("one", "two")}


def test_every_stratum_has_a_turn_before_any_has_another() -> None:
    ordered = in_order(prepared(), only="", seed=5)
    assert len(ordered) == len(set(ordered)) == 2 * sum(SIZES.values())
    for turn in (1, 2, 3):
        taken = Counter((name, *point.stratum) for name, point in ordered[: turn * 6])
        assert set(taken.values()) == {turn} and len(taken) == 6


def test_a_seed_says_which_come_first_and_words_which_come_at_all() -> None:
    first = in_order(prepared(), only="", seed=5)
    assert in_order(prepared(), only="", seed=5) == first != in_order(prepared(), only="", seed=6)
    assert {point.kind for _, point in in_order(prepared(), only="rename snapshot", seed=5)} == {"snapshot"}


def test_results_of_a_killed_run_are_read_once_each_without_the_torn_one(tmp_path: Path) -> None:
    row = {"name": "one", "point": "io-error at read 1 of source", "stratum": [], "wrong": []}
    lines = [json.dumps({"points": 9, "share": 0}), json.dumps(row), json.dumps(row), json.dumps(row)[:20]]
    (tmp_path / "tried.jsonl").write_text("\n".join(lines), encoding="utf-8")
    assert list(read(tmp_path / "tried.jsonl")) == [row]
    assert list(read(tmp_path / "none.jsonl")) == []
