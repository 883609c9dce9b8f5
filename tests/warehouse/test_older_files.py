"""A column that was added since a file landed is NULL in that file; nothing else about the file changes."""

import hashlib
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from dagster_project import snapshots
from dagster_project.landing import land
from dagster_project.publishing.warehouse import LANDED_SCHEMAS, open_landed
from dagster_project.settings import Settings
from dagster_project.snapshots import LiveFile, read_snapshot
from tests.landing import landed
from tests.landing.landed import line

# Of each table a column as if it had been added after the first landing.
ADDED = {"runs": "labels", "units": "record_count", "ledger": "identity_sha256", "quarantine": "expires_on",
         "payloads": "consent"}  # fmt: skip


@pytest.fixture
def older(settings: Settings, tmp_path: Path) -> Settings:
    """A data root whose files landed before those columns were known."""
    log = tmp_path / "log.jsonl"
    log.write_text(line(1) + line(2, labels={"team": "red"}) + "broken\n", encoding="utf-8")
    land(settings, [log], keep_payloads=True)
    snapshot = read_snapshot(settings)
    added = {table: [_without(settings, file, ADDED[table]) for file in snapshot.files(table)] for table in ADDED}
    gone = frozenset(file.path for table in ADDED for file in snapshot.files(table))
    snapshots.commit(settings, snapshot, added=added, removed=gone)
    return settings


def _without(settings: Settings, file: LiveFile, column: str) -> LiveFile:
    rows = pq.ParquetFile(settings.home / file.path).read().drop_columns([column])
    written = (settings.home / file.path).with_name(f"older-{hashlib.sha256(file.path.encode()).hexdigest()}.parquet")
    pq.write_table(rows, written)
    return LiveFile(str(written.relative_to(settings.home)), len(rows), written.stat().st_size, file.event_date)


@pytest.mark.parametrize("is_mixed", [False, True], ids=["older files alone", "older files and new ones"])
def test_older_files_are_read_with_nulls_for_what_they_lack(older: Settings, tmp_path: Path, is_mixed: bool) -> None:
    if is_mixed:
        log = tmp_path / "new.jsonl"
        log.write_text(line(4, labels={"team": "blue"}) + line(1, status="failure"), encoding="utf-8")
        land(older, [log], keep_payloads=True)
    with open_landed(older, read_snapshot(older)) as connection:
        shapes = {
            table: [name for (name, *_) in connection.execute(f"select * from landed.{table} limit 0").description]
            for table in LANDED_SCHEMAS
        }
        runs = connection.execute("select event_id, labels from landed.runs order by all").fetchall()
        broken = connection.execute("select reason, expires_on is null from landed.quarantine order by all").fetchall()
    assert shapes == {table: schema.names for table, schema in LANDED_SCHEMAS.items()}
    assert runs == [("e1", None), ("e2", None)] + ([("e4", {"team": "blue"})] if is_mixed else [])
    assert broken == [("bad_json", True)] + ([("conflict", False)] if is_mixed else [])


def test_landing_goes_on_from_older_files(older: Settings, tmp_path: Path) -> None:
    log = tmp_path / "log.jsonl"
    assert len(land(older, [log], keep_payloads=True).repeated) == 1
    with log.open("a", encoding="utf-8") as handle:
        handle.write(line(2, labels={"team": "red"}) + line(3))
    summary = land(older, [log], keep_payloads=True)
    assert summary.units == {"duplicate": 1, "landed": 1, "unit": 2}
    row = landed.ledger(older)["log.jsonl"]
    assert (row["landed_count"], row["duplicate_count"], row["quarantined_count"]) == (3, 1, 1)
