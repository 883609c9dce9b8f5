"""A log that is still being written lands only its new lines, under the same batch, and every line exactly once."""

import gzip
import json
from pathlib import Path

import pytest

from dagster_project.landing import end_landing, land
from dagster_project.settings import Settings
from dagster_project.snapshots import writer_lock
from tests.landing import landed
from tests.landing.landed import line


def counts(settings: Settings, name: str) -> tuple[int, ...]:
    row = landed.ledger(settings)[name]
    kinds = ("unit", "landed", "quarantined", "duplicate", "blank", "pending")
    return tuple(row[f"{kind}_count"] for kind in kinds)


def runs(settings: Settings) -> list[tuple[str, int, int]]:
    found = [(row["event_id"], row["line_number"], row["byte_offset"]) for row in landed.rows(settings, "runs")]
    return sorted(found, key=lambda run: run[1])


def test_only_the_new_lines_of_a_grown_file_land(settings: Settings, tmp_path: Path) -> None:
    log = tmp_path / "log.jsonl"
    log.write_text(line(1) + "broken\n\n", encoding="utf-8")
    land(settings, [log])
    (batch,) = {row["batch_id"] for row in landed.rows(settings, "ledger")}
    with log.open("a", encoding="utf-8") as handle:
        handle.write(line(2) + "broken too\n")
    summary = land(settings, [log])
    assert summary.units == {"landed": 1, "quarantined": 1, "unit": 2}
    assert counts(settings, "log.jsonl") == (5, 2, 2, 0, 1, 0)
    start = len(line(1) + "broken\n\n")
    assert runs(settings) == [("e1", 1, 0), ("e2", 4, start)]
    assert {row["batch_id"] for row in landed.rows(settings, "ledger")} == {batch}
    assert dict(landed.ledger(settings)["log.jsonl"]["record_counts"]) == {"runs": 2, "units": 2}
    assert sorted(row["line_number"] for row in landed.rows(settings, "quarantine")) == [2, 5]


def test_an_unfinished_line_waits_until_it_is_finished(settings: Settings, tmp_path: Path) -> None:
    log = tmp_path / "log.jsonl"
    log.write_text(line(1) + line(2)[:40], encoding="utf-8")
    assert land(settings, [log]).units == {"landed": 1, "pending": 1, "unit": 2}
    log.write_text(line(1) + line(2) + line(3), encoding="utf-8")
    assert land(settings, [log]).units == {"landed": 2, "unit": 2}
    assert counts(settings, "log.jsonl") == (3, 3, 0, 0, 0, 0)
    assert [run[:2] for run in runs(settings)] == [("e1", 1), ("e2", 2), ("e3", 3)]


@pytest.mark.parametrize("ending", ["\n", "\r\n", "  \n"], ids=["newline", "crlf", "spaces"])
def test_a_last_line_without_newline_lands_once(settings: Settings, tmp_path: Path, ending: str) -> None:
    log = tmp_path / "log.jsonl"
    log.write_text(line(1).rstrip("\n"), encoding="utf-8")
    assert land(settings, [log]).units == {"landed": 1, "unit": 1}
    log.write_bytes((line(1).rstrip("\n") + ending + line(2)).encode())
    assert land(settings, [log]).units == {"landed": 1, "unit": 1}
    assert counts(settings, "log.jsonl") == (2, 2, 0, 0, 0, 0)
    assert [run[:2] for run in runs(settings)] == [("e1", 1), ("e2", 2)]


def test_a_landed_last_line_that_goes_on_makes_it_another_file(settings: Settings, tmp_path: Path) -> None:
    log = tmp_path / "log.jsonl"
    log.write_text(line(1) + line(2).rstrip("\n"), encoding="utf-8")
    land(settings, [log])
    log.write_text(line(1) + line(2).rstrip("\n") + "and more\n", encoding="utf-8")
    assert land(settings, [log]).units == {"duplicate": 1, "quarantined": 1, "unit": 2}
    assert len({row["batch_id"] for row in landed.rows(settings, "ledger")}) == 2


def test_a_rewritten_beginning_makes_it_another_file(settings: Settings, tmp_path: Path) -> None:
    log = tmp_path / "log.jsonl"
    log.write_text(line(1) + line(2), encoding="utf-8")
    land(settings, [log])
    log.write_text(line(9) + line(2) + line(3), encoding="utf-8")
    assert land(settings, [log]).units == {"duplicate": 1, "landed": 2, "unit": 3}


def test_a_compressed_log_may_grow_by_members(settings: Settings, tmp_path: Path) -> None:
    log = tmp_path / "log.jsonl.gz"
    log.write_bytes(gzip.compress(line(1).encode()))
    land(settings, [log])
    with log.open("ab") as handle:
        handle.write(gzip.compress((line(2) + line(3)).encode()))
    assert land(settings, [log]).units == {"landed": 2, "unit": 2}
    assert [run[:2] for run in runs(settings)] == [("e1", 1), ("e2", 2), ("e3", 3)]


@pytest.mark.slow
def test_growing_byte_by_byte_ends_like_landing_it_at_once(tmp_path: Path) -> None:
    whole = "".join(line(number) for number in range(4)) + "broken\n\n" + line(9)
    log = tmp_path / "log.jsonl"
    slowly = Settings(home=tmp_path / "slowly", workers=1)
    for end in range(1, len(whole) + 1, 17):
        log.write_text(whole[:end], encoding="utf-8")
        land(slowly, [log])
    log.write_text(whole, encoding="utf-8")
    land(slowly, [log])
    assert [run[:2] for run in runs(slowly)] == [("e0", 1), ("e1", 2), ("e2", 3), ("e3", 4), ("e9", 7)]
    assert counts(slowly, "log.jsonl") == (7, 5, 1, 0, 1, 0)


def test_a_torn_array_keeps_its_whole_elements_and_settles_its_tail_once(
    settings: Settings, shared: Path, tmp_path: Path
) -> None:
    source = shared / "data-packs/tau-bench/data/historical_trajectories/gpt-4o-airline.json"
    elements = [json.dumps(element) for element in json.loads(source.read_text(encoding="utf-8"))[:3]]
    log = tmp_path / "runs.json"
    log.write_text("[" + ",".join(elements)[:-100], encoding="utf-8")
    assert land(settings, [log]).units == {"landed": 2, "pending": 1, "unit": 3}
    assert land(settings, [log]).units == {"quarantined": 1}
    assert counts(settings, "runs.json") == (3, 2, 1, 0, 0, 0)
    (torn,) = landed.rows(settings, "quarantine")
    assert torn["unit_number"] == 3
    before = landed.tree(settings)
    assert len(land(settings, [log]).repeated) == 1
    assert landed.tree(settings) == before
    log.write_text("[" + ",".join(elements) + "]", encoding="utf-8")
    assert land(settings, [log]).units == {"duplicate": 2, "landed": 1, "unit": 3}
    assert len(landed.rows(settings, "runs")) == 3


def test_a_tail_waits_until_what_follows_the_landing_is_done(settings: Settings, tmp_path: Path) -> None:
    """A run that is killed while it builds lands again when it is started again: that is no second landing."""
    log = tmp_path / "log.jsonl"
    log.write_text(line(1) + line(2)[:40], encoding="utf-8")
    land(settings, [log], stays_open=True)
    once = landed.tree(settings)
    assert counts(settings, "log.jsonl") == (2, 1, 0, 0, 0, 1)
    land(settings, [log], stays_open=True)
    assert landed.tree(settings) == once
    end_landing(settings)
    assert counts(settings, "log.jsonl") == (2, 1, 0, 0, 0, 1)
    land(settings, [log])
    assert counts(settings, "log.jsonl") == (2, 1, 1, 0, 0, 0)


def test_the_end_of_a_run_leaves_another_landing_alone(settings: Settings, tmp_path: Path) -> None:
    log = tmp_path / "log.jsonl"
    log.write_text(line(1), encoding="utf-8")
    land(settings, [log], stays_open=True)
    [mark] = settings.landed.glob(".work-*")
    with writer_lock(settings):
        end_landing(settings)
        assert mark.is_dir()
    end_landing(settings)
    assert not mark.exists()
