"""Who was first is judged day by day: a landing opens the keys of the days that arrive and of no other, however many
days there are. With it memory is that of the largest day, not of history."""

import datetime as dt
import json
from pathlib import Path

from dagster_project.landing import land
from dagster_project.settings import Settings
from dagster_project.snapshots import read_snapshot

DAYS = 90
FIRST = dt.date(2026, 1, 1)


def events(path: Path, days: range, *, status: str = "success") -> Path:
    """A run on each of these days."""
    lines = [
        {"event_type": "run", "event_id": f"e{number}", "organization_id": "acme", "run_id": f"r{number}",
         "agent_id": "a", "occurred_at": f"{FIRST + dt.timedelta(days=number)}T12:00:00Z", "status": status}
        for number in days
    ]  # fmt: skip
    path.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    return path


def test_ninety_days_of_keys_are_there_and_one_is_opened(settings: Settings, tmp_path: Path) -> None:
    land(settings, [events(tmp_path / "history.jsonl", range(DAYS))])
    keys = {file.event_date: settings.home / file.path for file in read_snapshot(settings).files("units")}
    assert len(keys) == DAYS
    again, new = FIRST + dt.timedelta(days=44), FIRST + dt.timedelta(days=DAYS)
    for day, path in keys.items():
        if day != again:
            path.write_bytes(b"whoever reads this fails")
    # Both of one day, known and in conflict; and a new day.
    known = land(settings, [events(tmp_path / "known.jsonl", range(44, 45)).rename(tmp_path / "renamed.jsonl")])
    assert known.units["duplicate"] == 1
    conflict = land(settings, [events(tmp_path / "conflict.jsonl", range(44, 45), status="failure")])
    assert conflict.quarantined == {"conflict": 1}
    fresh = land(settings, [events(tmp_path / "fresh.jsonl", range(DAYS, DAYS + 1))])
    assert fresh.units["landed"] == 1
    assert new in {file.event_date for file in read_snapshot(settings).files("units")}
