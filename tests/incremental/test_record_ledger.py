"""What landed from each file is visible, expired or deleted, counted apart from landing and from the models."""

import datetime as dt
import json
from collections import Counter
from pathlib import Path
from typing import Any

import duckdb
import pytest

from dagster_project.landing import land
from dagster_project.publishing.warehouse import warehouse_file
from dagster_project.settings import Settings
from tests.incremental.models import Model, failed_tests, run_models
from tests.landing.test_payload_lane import consenting

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("incremental")]

TABLES = {"run": "runs", "step": "steps", "llm_call": "llm_calls", "tool_call": "tool_calls", "message": "messages",
          "score": "scores", "error": "errors", "deletion": "events", "gate": "events"}  # fmt: skip
RETENTION = dt.timedelta(days=10)
LAST_DAY = dt.date(2026, 3, 27)  # of the runs that are not deleted


def run_lines(number: int) -> list[dict[str, Any]]:
    """A run a day with some of everything, and an orphan step of a run that never lands."""
    at = f"2026-03-{number:02d}T12:00:00Z"
    common = {"organization_id": "acme", "run_id": f"r{number}", "occurred_at": at}
    return [
        common | {"event_type": "run", "event_id": f"run-{number}", "agent_id": "a", "started_at": at},
        common | {"event_type": "run", "event_id": f"end-{number}", "agent_id": "a", "status": "success"},
        *[common | {"event_type": "message", "event_id": f"m-{number}-{seq}", "seq": seq, "role": "user",
                    "content": f"say {number} {seq}"} for seq in range(number % 4)],
        common | {"event_type": "tool_call", "event_id": f"t-{number}", "tool_name": "look", "seq": 0},
        common | {"event_type": "step", "event_id": f"s-{number}", "step_id": "s", "seq": 0, "kind": "tool"},
        common | {"event_type": "step", "event_id": f"o-{number}", "step_id": "s", "seq": 0, "run_id": f"no-{number}"},
        common | {"event_type": "llm_call", "event_id": f"l-{number}", "input_tokens": 5, "seq": 0},
        common | {"event_type": "error", "event_id": f"x-{number}", "message": "429 Too Many Requests"},
        common | {"event_type": "score", "event_id": f"v-{number}", "name": "dispute", "value": 1.0},
        common | {"event_type": "gate", "event_id": f"g-{number}"},
    ]  # fmt: skip


def deletion(run_id: str) -> dict[str, Any]:
    return {"event_type": "deletion", "event_id": f"d-{run_id}", "organization_id": "acme", "run_id": run_id,
            "occurred_at": "2026-03-20T00:00:00Z"}  # fmt: skip


def write(path: Path, events: list[dict[str, Any]]) -> Path:
    """The events, the first of them twice, with a torn line and a blank one between."""
    lines = [json.dumps(event) for event in [*events, events[0]]]
    path.write_text("\n".join([*lines[:3], '{"event_type": "run", ', "", *lines[3:], ""]), encoding="utf-8")
    return path


def accounts(files: dict[Path, list[dict[str, Any]]], deleted: set[str]) -> dict[tuple[str, str, str], int]:
    """What must become of the records: by file, table and fate."""
    counts: Counter[tuple[str, str, str]] = Counter()
    for path, events in files.items():
        texts = {}
        for event in events:
            table = TABLES[event["event_type"]]
            is_deleted = event["run_id"] in deleted and event["event_type"] != "deletion"
            counts[str(path), table, "deleted" if is_deleted else "visible"] += 1
            if "content" in event:
                texts[event["content"]] = dt.date.fromisoformat(event["occurred_at"][:10])
        for day in texts.values():
            counts[str(path), "payloads", "expired" if day + RETENTION <= LAST_DAY else "visible"] += 1
    return dict(counts)


def found(settings: Settings) -> tuple[dict[tuple[str, str, str], int], list[tuple]]:
    with duckdb.connect(str(warehouse_file(settings)), read_only=True) as connection:
        rows = connection.execute(
            "select source_path, landed_table, records.landed_count, visible_count, expired_count, deleted_count "
            "from marts.landed_records as records inner join marts.landing_ledger using (batch_id)"
        ).fetchall()
    fates = ("visible", "expired", "deleted")
    by_fate = {(row[0], row[1], fate): count for row in rows for fate, count in zip(fates, row[3:], strict=True)}
    return {key: count for key, count in by_fate.items() if count}, [row for row in rows if row[2] != sum(row[3:])]


def test_landed_records_are_visible_expired_or_deleted(
    compiled: tuple[list[Model], list[str]], settings: Settings, tmp_path: Path
) -> None:
    models, tests = compiled
    consent = consenting(("acme", None, True, True, RETENTION.days))
    batches = [
        [deletion("no-20"), *(line for number in range(1, 11) for line in run_lines(number))],
        [deletion("r3"), *(line for number in range(11, 21) for line in run_lines(number))],
        [deletion("r25"), deletion("r12"), *(line for number in range(21, 29) for line in run_lines(number))],
        [deletion("r28"), deletion("no-5")],
    ]
    files: dict[Path, list[dict[str, Any]]] = {}
    for number, events in enumerate(batches):
        path = write(tmp_path / f"log-{number}.jsonl", events)
        files[path] = events
        land(settings, [path], declarations=consent)
        run_models(settings, models, declared={})
        assert failed_tests(settings, tests) == []
    deleted = {"no-20", "r3", "r25", "r12", "r28", "no-5"}
    by_fate, unaccounted = found(settings)
    assert unaccounted == []
    assert by_fate == accounts(files, deleted)
    run_models(settings, models, declared={}, full_refresh=True)
    assert found(settings) == (by_fate, [])


def test_a_lost_file_is_an_account_that_does_not_add_up(
    compiled: tuple[list[Model], list[str]], settings: Settings, tmp_path: Path
) -> None:
    models, tests = compiled
    land(settings, [write(tmp_path / "log.jsonl", [line for number in range(1, 4) for line in run_lines(number)])])
    run_models(settings, models, declared={})
    with duckdb.connect(str(warehouse_file(settings))) as connection:
        connection.execute("delete from marts.steps where run_id = 'r2'")
        connection.execute(
            "update marts.landed_records set visible_count = visible_count - 1 where landed_table = 'runs'"
        )
    assert [title.partition(":")[0][:40] for title in failed_tests(settings, tests)] == [
        "-- Of every batch and table, what landed",
        "-- Every record that landed and was not ",
    ]
