"""What has expired lies in the archive before it leaves the data root, and nothing that was to be deleted does."""

import datetime as dt
import hashlib
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from dagster_project.errors import ReliabilityError, UsageError
from dagster_project.landing import land
from dagster_project.landing.retention import archiving, retaining
from dagster_project.landing.retention.retaining import retain
from dagster_project.settings import Settings
from dagster_project.snapshots import read_snapshot
from tests.landing.landed import tree
from tests.landing.test_retaining import TODAY, consent, deletion, events, log, runs_of, stones

NINE_DAYS = consent((None, None, 36500, None), ("acme", None, 36500, 9))
"""Of acme's runs of 1 and 10 March the first has expired."""
A_DAY, APRIL = consent((None, None, 36500, 1)), dt.date(2026, 4, 30)


@pytest.fixture
def archiving_root(settings: Settings, tmp_path: Path) -> Settings:
    """Runs of 1 and 10 March of acme and of 1 March of other, with their texts."""
    settings = replace(settings, archive=str(tmp_path / "archive"))
    path = log(tmp_path / "log.jsonl", events(1, day=1), events(2, day=10), events(1, day=1, organization="other"))
    land(settings, [path], keep_payloads=True)
    return settings


def archived(settings: Settings, table: str) -> list[dict[str, Any]]:
    paths = sorted((Path(str(settings.archive)) / "landed" / table).rglob("*.parquet"))
    return [row for path in paths for row in pq.ParquetFile(path).read().to_pylist()]


def test_expired_records_are_in_the_archive_and_their_tombstones_prove_it(archiving_root: Settings) -> None:
    done = retain(archiving_root, consent=NINE_DAYS, today=TODAY)
    assert done.rows_archived == 5 + 5 + 1  # the records, their units, and a field that no column takes
    tables = ("runs", "messages", "steps", "scores")
    assert Counter(row["run_id"] for table in tables for row in archived(archiving_root, table)) == {"acme-1": 5}
    for stone in stones(archiving_root):
        if stone["landed_table"] in ("payloads", "quarantine"):
            continue
        folder = (Path(str(archiving_root.archive)) / stone["path"]).parent
        rows = [row for path in folder.glob("*.parquet") for row in pq.ParquetFile(path).read().to_pylist()]
        ids = "\n".join(sorted(row["event_id"] for row in rows))
        assert hashlib.sha256(ids.encode()).hexdigest() == stone["rows_sha256"], stone["landed_table"]


def test_a_file_of_which_nothing_is_left_is_archived_as_it_was(archiving_root: Settings) -> None:
    before = tree(archiving_root)
    retain(archiving_root, consent=A_DAY, today=TODAY, as_of=APRIL)
    gone = [stone for stone in stones(archiving_root) if stone["landed_table"] != "payloads"]
    whole = [stone["path"] for stone in gone if stone["is_whole_file"]]
    assert whole
    for path in whole:
        assert (Path(str(archiving_root.archive)) / path).read_bytes() == before[path]


def test_no_text_and_nothing_of_a_deleted_run_is_archived(archiving_root: Settings, tmp_path: Path) -> None:
    land(archiving_root, [log(tmp_path / "deletion.jsonl", [deletion("acme-1")])])
    done = retain(archiving_root, consent=consent((None, None, 1, None)), today=TODAY)
    assert done.removed.keys() >= {"run_deleted", "text_expired"}
    assert done.rows_archived == 0
    assert not Path(str(archiving_root.archive)).exists()


def test_records_that_expire_beside_a_deleted_run_are_archived_without_it(
    archiving_root: Settings, tmp_path: Path
) -> None:
    land(archiving_root, [log(tmp_path / "deletion.jsonl", [deletion("acme-1")])])
    retain(archiving_root, consent=A_DAY, today=TODAY, as_of=APRIL)
    assert runs_of(archiving_root) == {}
    assert {row["run_id"] for row in archived(archiving_root, "steps")} == {"acme-2", "other-1"}


def test_without_an_archive_nothing_is_archived(archiving_root: Settings) -> None:
    assert retain(replace(archiving_root, archive=None), consent=NINE_DAYS, today=TODAY).rows_archived == 0


def test_what_cannot_be_archived_is_not_removed(archiving_root: Settings, tmp_path: Path) -> None:
    before = read_snapshot(archiving_root)
    (tmp_path / "archive").write_text("a file where the folder should be", encoding="utf-8")
    with pytest.raises(ReliabilityError, match=r"archive .* failed.*Nothing was removed"):
        retain(archiving_root, consent=NINE_DAYS, today=TODAY)
    assert read_snapshot(archiving_root) == before
    assert runs_of(archiving_root)["acme-1"] == 5


def test_an_archive_that_gives_back_other_bytes_is_not_trusted(
    archiving_root: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = read_snapshot(archiving_root)
    monkeypatch.setattr(archiving, "_copied", lambda _file, partial: partial.write_bytes(b"other"))
    with pytest.raises(ReliabilityError, match="does not give back what was written"):
        retain(archiving_root, consent=NINE_DAYS, today=TODAY)
    assert read_snapshot(archiving_root) == before


def test_killed_between_archive_and_removal_it_archives_the_same_files_again(
    archiving_root: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(*_given: object, **_more: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(retaining, "commit", killed)
        retain(archiving_root, consent=NINE_DAYS, today=TODAY)
    before = {path: path.read_bytes() for path in Path(str(archiving_root.archive)).rglob("*.parquet")}
    assert before
    retain(archiving_root, consent=NINE_DAYS, today=TODAY)
    assert {path: path.read_bytes() for path in Path(str(archiving_root.archive)).rglob("*.parquet")} == before
    assert "acme-1" not in runs_of(archiving_root)


def test_late_records_of_an_expired_date_go_and_are_archived_too(archiving_root: Settings, tmp_path: Path) -> None:
    retain(archiving_root, consent=NINE_DAYS, today=TODAY)
    land(archiving_root, [log(tmp_path / "late.jsonl", events(7, day=1))])
    done = retain(archiving_root, consent=NINE_DAYS, today=TODAY, as_of=dt.date(2026, 3, 10))
    assert done.rows_archived == 5 + 5 + 1
    assert {row["run_id"] for row in archived(archiving_root, "runs")} == {"acme-1", "acme-7"}
    assert "acme-7" not in runs_of(archiving_root)


@pytest.mark.parametrize("place", ["s3://", "s3://user:secret@bucket/x", "s3:bucket"])
def test_an_address_that_is_none_is_refused_without_repeating_it(monkeypatch: pytest.MonkeyPatch, place: str) -> None:
    monkeypatch.setenv("RELIABILITY_ARCHIVE", place)
    with pytest.raises(UsageError, match="RELIABILITY_ARCHIVE is no address") as refused:
        Settings.from_environment()
    assert "secret" not in str(refused.value)
