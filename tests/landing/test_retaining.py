"""What is past its declared time, or deleted, leaves the disk for good; what remains is untouched and counted."""

import datetime as dt
import hashlib
import json
from collections import Counter
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from dagster_project.landing import land
from dagster_project.landing.retention import retaining
from dagster_project.landing.retention.retaining import retain
from dagster_project.settings import Settings
from dagster_project.snapshots import Snapshot, read_snapshot
from tests.landing import landed
from tests.landing.landed import tree
from tests.landing.test_payload_lane import consenting

TODAY = dt.date(2026, 11, 1)
NAMES = ("organization_id", "source", "retention_days", "records_retention_days")


def consent(*rows: tuple) -> pa.Table:
    return pa.Table.from_pylist([dict(zip(NAMES, row, strict=True)) for row in rows])


def events(number: int, *, day: int, organization: str = "acme") -> list[dict[str, Any]]:
    """A run of that day of March with a message, a step on the next day and a score two weeks later."""
    run_id = f"{organization}-{number}"

    def event(event_type: str, days_later: int = 0, **more: Any) -> dict[str, Any]:
        at = dt.datetime(2026, 3, day, 12) + dt.timedelta(days=days_later)
        return {
            "event_type": event_type,
            "event_id": f"{event_type}-{run_id}",
            "organization_id": organization,
            "run_id": run_id,
            "occurred_at": at.isoformat() + "Z",
        } | more

    return [
        event("run", agent_id="a", status="success", colour=f"colour of {run_id}"),
        event("message", seq=0, role="user", content=f"words of {run_id}"),
        event("message", seq=1, role="user", content="words of all", event_id=f"shared-{run_id}"),
        event("step", 1, step_id="s", seq=0, kind="tool"),
        event("score", 14, name="quality", value=1.0),
    ]


def deletion(run_id: str, organization: str = "acme") -> dict[str, Any]:
    return {"event_type": "deletion", "event_id": f"deletion-{run_id}", "organization_id": organization,
            "run_id": run_id, "occurred_at": "2026-03-20T00:00:00Z"}  # fmt: skip


def log(path: Path, *runs: list[dict[str, Any]]) -> Path:
    path.write_text("".join(json.dumps(event) + "\n" for run in runs for event in run), encoding="utf-8")
    return path


def runs_of(settings: Settings) -> dict[str, int]:
    """How many records of each run there are, in all tables."""
    tables = ("runs", "messages", "steps", "scores")
    return dict(Counter(row["run_id"] for table in tables for row in landed.rows(settings, table)))


def texts(settings: Settings) -> list[str]:
    return sorted({row["text"] for row in landed.rows(settings, "payloads")})


def stones(settings: Settings) -> list[dict[str, Any]]:
    return landed.rows(settings, "tombstones")


def on_disk(settings: Settings, words: str) -> bool:
    """Whether a Parquet file below the data root, named by a snapshot or not, holds the text or its hash."""
    sha256 = hashlib.sha256(words.encode()).hexdigest()
    return any(
        words in str(rows) or sha256 in str(rows)
        for path in settings.home.rglob("*.parquet")
        if path.parent.name != "tombstones"
        for rows in [pq.ParquetFile(path).read().to_pylist()]
    )


@pytest.fixture
def three_runs(settings: Settings, tmp_path: Path) -> Settings:
    """Runs of 1 and 10 March of acme and of 1 March of other, with their texts, in one file."""
    path = log(tmp_path / "log.jsonl", events(1, day=1), events(2, day=10), events(1, day=1, organization="other"))
    land(settings, [path], keep_payloads=True)
    return settings


def test_without_a_declared_time_records_stay(three_runs: Settings) -> None:
    before = read_snapshot(three_runs)
    done = retain(three_runs, consent=consent((None, None, 36500, None)), today=TODAY)
    assert done.removed == {}
    assert read_snapshot(three_runs) == before


def test_an_expired_run_goes_with_all_it_has_and_another_organization_keeps_its_own(three_runs: Settings) -> None:
    declared = consent((None, None, 36500, None), ("acme", None, 36500, 9))
    assert retain(three_runs, consent=declared, today=TODAY, as_of=dt.date(2026, 3, 9)).removed == {}
    done = retain(three_runs, consent=declared, today=TODAY)  # acme's last run is of 10 March
    # run, 2 messages, step and score; their 5 units; a field that no column takes; its text and the words of one run.
    assert done.removed == {"records_expired": 5 + 5 + 1 + 2}
    assert runs_of(three_runs) == {"acme-2": 5, "other-1": 5}
    assert "words of acme-1" not in texts(three_runs)
    assert {"words of acme-2", "words of other-1", "words of all"} <= set(texts(three_runs))
    assert not on_disk(three_runs, "words of acme-1")
    assert not on_disk(three_runs, "colour of acme-1")


def test_tombstones_say_what_went_why_and_when_by_the_data(three_runs: Settings) -> None:
    whole = {file.path for file in read_snapshot(three_runs).files("scores") if file.event_date == dt.date(2026, 3, 15)}
    retain(three_runs, consent=consent((None, "native", 36500, 9)), today=TODAY, as_of=dt.date(2026, 3, 10))
    by_table = {(stone["organization_id"], stone["landed_table"]): stone for stone in stones(three_runs)}
    score = by_table["acme", "scores"]
    assert score["event_date"] == dt.date(2026, 3, 15)
    assert (score["reason"], score["rule"]) == ("records_expired", "records_retention_days 9")
    assert (score["row_count"], score["as_of"], score["commit_number"]) == (1, dt.date(2026, 3, 10), 2)
    assert (score["path"] in whole, score["is_whole_file"]) == (True, True)
    assert score["rows_sha256"] == hashlib.sha256(b"score-acme-1").hexdigest()
    messages = by_table["acme", "messages"]
    assert messages["rows_sha256"] == hashlib.sha256(b"message-acme-1\nshared-acme-1").hexdigest()
    ledger = {row["batch_id"]: dict(row["record_counts"]) for row in landed.rows(three_runs, "ledger")}
    left = Counter(row["batch_id"] for row in landed.rows(three_runs, "messages"))
    for batch_id, counts in ledger.items():
        gone = sum(s["row_count"] for s in stones(three_runs) if s["landed_table"] == "messages")
        assert counts["messages"] == left[batch_id] + gone == 6


def test_a_second_retention_does_nothing(three_runs: Settings) -> None:
    declared = consent((None, None, 36500, 9))
    assert retain(three_runs, consent=declared, today=TODAY).removed
    before = tree(three_runs)
    again = retain(three_runs, consent=declared, today=TODAY)
    assert (again.removed, again.files_swept, again.bytes_freed) == ({}, 0, 0)
    assert tree(three_runs) == before


def test_a_deleted_run_leaves_the_disk_and_does_not_come_back(
    three_runs: Settings, settings: Settings, tmp_path: Path
) -> None:
    land(settings, [log(tmp_path / "deletion.jsonl", [deletion("acme-1")])])
    declared = consent((None, None, 36500, None))
    done = retain(settings, consent=declared, today=TODAY)
    assert done.removed == {"run_deleted": 5 + 1 + 2}
    assert runs_of(settings) == {"acme-2": 5, "other-1": 5}
    assert [row["event_type"] for row in landed.rows(settings, "events")] == ["deletion"]
    assert {stone["rule"] for stone in stones(settings)} == {"deletion of 2026-03-20", "no record names it"}
    # The same events again, in another file and with their texts: nothing of them stays.
    again = log(tmp_path / "again.jsonl", events(1, day=1), events(3, day=11))
    land(settings, [again], keep_payloads=True)
    assert runs_of(settings) == {"acme-2": 5, "acme-3": 5, "other-1": 5}
    assert on_disk(settings, "words of acme-1")
    retain(settings, consent=declared, today=TODAY)
    assert not on_disk(settings, "words of acme-1")
    assert "words of acme-3" in texts(settings)


def test_texts_go_on_their_last_day_and_a_shorter_time_counts_too(settings: Settings, tmp_path: Path) -> None:
    path = log(tmp_path / "log.jsonl", events(1, day=1), events(2, day=10))
    land(settings, [path], declarations=consenting((None, None, True, True, 20)))
    same, shorter = consent((None, None, 20, None)), consent((None, None, 9, None))
    assert retain(settings, consent=same, today=TODAY, as_of=dt.date(2026, 3, 20)).removed == {}
    assert retain(settings, consent=shorter, today=TODAY).removed == {"text_expired": 2}
    assert texts(settings) == ['"colour of acme-2"', "words of acme-2", "words of all"]
    assert {(stone["rule"], stone["rows_sha256"] != "") for stone in stones(settings)} == {("retention_days 9", True)}
    assert runs_of(settings) == {"acme-1": 5, "acme-2": 5}  # facts stay
    assert not any("words of acme-1" in str(content) for content in tree(settings).values())


def test_bytes_of_refused_units_go_and_their_place_stays(settings: Settings, tmp_path: Path) -> None:
    path = log(tmp_path / "log.jsonl", events(1, day=1))
    path.write_text(path.read_text(encoding="utf-8") + "not json at all\n", encoding="utf-8")
    land(settings, [path])
    done = retain(settings, consent=consent(), today=TODAY, as_of=dt.date(2026, 6, 13))  # 90 days after 15 March
    assert done.removed == {"bytes_expired": 1}
    (refused,) = landed.rows(settings, "quarantine")
    assert (refused["raw_bytes"], refused["reason"], refused["unit_number"]) == (None, "bad_json", 6)
    assert retain(settings, consent=consent(), today=TODAY, as_of=dt.date(2026, 6, 13)).removed == {}


def test_an_organization_that_is_further_lets_no_bytes_of_another_expire(settings: Settings, tmp_path: Path) -> None:
    early, late = (log(tmp_path / f"{name}.jsonl", events(1, day=1, organization=name)) for name in ("early", "late"))
    early.write_text(early.read_text(encoding="utf-8") + "not json at all\n", encoding="utf-8")
    late.write_text(late.read_text(encoding="utf-8").replace("2026-03", "2026-09"), encoding="utf-8")
    land(settings, [early, late])
    assert retain(settings, consent=consent(), today=TODAY).removed == {}


def test_a_line_of_a_wrong_year_removes_no_history(three_runs: Settings, settings: Settings, tmp_path: Path) -> None:
    far = [event | {"occurred_at": "2099-01-01T00:00:00Z"} for event in events(9, day=1)[:1]]
    land(settings, [log(tmp_path / "far.jsonl", far)])
    done = retain(settings, consent=consent((None, None, 36500, 30)), today=dt.date(2026, 3, 12))
    assert done.removed == {}


@pytest.mark.parametrize("moment", ["before the snapshot", "after the snapshot"])
def test_killed_it_has_removed_nothing_or_all_and_goes_on(
    three_runs: Settings, monkeypatch: pytest.MonkeyPatch, moment: str
) -> None:
    declared = consent((None, None, 36500, 9))
    before = read_snapshot(three_runs)

    def killed(*_args: Any, **_more: Any) -> Snapshot:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(retaining, "commit" if moment == "before the snapshot" else "_note_checked", killed)
        with pytest.raises(KeyboardInterrupt):
            retain(three_runs, consent=declared, today=TODAY)
    if moment == "before the snapshot":
        assert read_snapshot(three_runs) == before
    retain(three_runs, consent=declared, today=TODAY)
    assert runs_of(three_runs) == {"acme-2": 5, "other-1": 5}
    assert not on_disk(three_runs, "words of acme-1")
    live = {three_runs.home / file.path for table in read_snapshot(three_runs).tables
            for file in read_snapshot(three_runs).files(table)}  # fmt: skip
    assert set(three_runs.home.rglob("*.parquet")) == live
    assert not list(three_runs.landed.glob("retain-*"))
