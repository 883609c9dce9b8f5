"""Large new files are decoded while they are hashed; what lands is what was hashed, whatever happens meanwhile."""

import dataclasses
import gzip
import os
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from dagster_project.landing import committing, land, land_files, planning
from dagster_project.landing.decoding import chunk_decoding, chunk_sharing, head_start, workers
from dagster_project.landing.reading.file_states import FileState, read_state
from dagster_project.settings import Settings
from tests.landing import landed
from tests.landing.landed import line


@pytest.fixture
def two(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """Two workers, which are threads, two chunks a file, and no file too small for a head start."""
    monkeypatch.setattr(head_start, "_LARGE_BYTES", 1)
    monkeypatch.setattr(chunk_sharing, "_FINE_CHUNKS", 0)
    with ThreadPoolExecutor(2) as pool:
        monkeypatch.setattr(workers.Workers, "start", lambda _self, *, work_bytes: None)
        monkeypatch.setattr(workers.Workers, "_running", lambda _self: pool)
        yield dataclasses.replace(settings, workers=2, chunk_bytes=1500)


@pytest.fixture
def decoded(monkeypatch: pytest.MonkeyPatch) -> threading.Semaphore:
    """Released once for each task that is decoded."""
    done = threading.Semaphore(0)

    def decode_task(task: chunk_decoding.Task) -> chunk_decoding.TaskResult:
        result = chunk_decoding.decode_task(task)
        done.release()
        return result

    for module in (land_files, committing):
        monkeypatch.setattr(module, "decode_task", decode_task)
    return done


def written(path: Path, *, first: int = 10) -> Path:
    path.write_text("".join(line(number) for number in range(first, first + 10)), encoding="utf-8")
    return path


def hashed_after_decoding(
    monkeypatch: pytest.MonkeyPatch, decoded: threading.Semaphore, *, then: Path | None = None, moment: bool = True
) -> None:
    """A file's hash is not begun before both its tasks are done, and `then` stands in its place."""

    def state(path: Path, *, prefix_bytes: int | None = None) -> FileState:
        before = path.stat().st_mtime_ns
        for _ in range(2):
            assert decoded.acquire(timeout=10)
        if then is not None:
            path.write_bytes(then.read_bytes())
            os.utime(path, ns=(before + 10**9, before + 10**9))
        found = read_state(path, prefix_bytes=prefix_bytes)
        return with_time(found, modified_ns=found.modified_ns if moment else before)

    monkeypatch.setattr(planning, "read_state", state)


def with_time(state: FileState, *, modified_ns: int) -> FileState:
    return FileState(state.file_bytes, state.sha256, state.start, modified_ns, state.prefix_sha256)


def events(settings: Settings) -> list[str]:
    return sorted(row["event_id"] for row in landed.rows(settings, "runs"))


def test_a_large_new_file_is_decoded_once_and_before_its_hash_is_known(
    two: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, decoded: threading.Semaphore
) -> None:
    hashed_after_decoding(monkeypatch, decoded)
    assert land(two, [written(tmp_path / "log.jsonl")]).units == {"landed": 10, "unit": 10}
    assert not decoded.acquire(blocking=False)
    assert events(two) == [f"e{number}" for number in range(10, 20)]


@pytest.mark.parametrize("moment", [True, False], ids=["its time tells", "its time told too early"])
def test_a_file_that_is_rewritten_before_its_hash_lands_as_it_was_hashed(
    two: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, decoded: threading.Semaphore, *, moment: bool
) -> None:
    hashed_after_decoding(monkeypatch, decoded, then=written(tmp_path / "other", first=30), moment=moment)
    assert land(two, [written(tmp_path / "log.jsonl")]).units == {"landed": 10, "unit": 10}
    assert events(two) == [f"e{number}" for number in range(30, 40)]


def test_copies_of_one_content_land_once(two: Settings, tmp_path: Path) -> None:
    copies = [written(tmp_path / name) for name in ("a.jsonl", "b.jsonl")]
    summary = land(two, copies)
    assert (summary.units, len(summary.repeated)) == ({"landed": 10, "unit": 10}, 1)


def test_no_start_is_made_with_what_may_have_landed_or_is_read_otherwise(
    two: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    land(two, [written(tmp_path / "known.jsonl")])
    begun: list[object] = []
    monkeypatch.setattr(workers.Workers, "begin", lambda _self, _function, tasks: begun.append(tasks))
    written(tmp_path / "moved.jsonl")
    (tmp_path / "packed.jsonl.gz").write_bytes(gzip.compress(line(50).encode()))
    (tmp_path / "unknown.txt").write_text("no log\n", encoding="utf-8")
    for path in sorted(tmp_path.glob("*.*")):
        land(two, [path])
    assert begun == []
    land(two, [written(tmp_path / "new.jsonl", first=100)])
    assert len(begun) == 1
