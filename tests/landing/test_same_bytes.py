"""The same input gives the same bytes on disk: at any number of workers, and however often landing was killed."""

import gzip
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from dagster_project.landing import land
from dagster_project.settings import Settings
from tests.landing import landed
from tests.landing.landed import line

KILLS = 10
_LAND = """
import sys
from pathlib import Path
from dagster_project.landing import land
from dagster_project.settings import Settings
if __name__ == "__main__":
    settings = Settings(home=Path(sys.argv[1]), workers=2, commit_bytes=200_000, chunk_bytes=60_000)
    land(settings, [Path(sys.argv[2])], keep_payloads=True)
"""


def write_logs(folder: Path, *, files: int, lines: int, end: bytes = b'{"torn') -> None:
    """Logs with duplicates and conflicts across files, broken lines and a torn end; one is compressed."""
    folder.mkdir()
    draw = random.Random(7)
    for file in range(files):
        texts = []
        for number in range(lines):
            event = draw.randrange(files * lines)
            texts.append(line(event, latency_ms=draw.choice([event, event, event, 1])))
            if number % 50 == 0:
                texts.append("{broken\n")
        content = "".join(texts).encode() + end
        (folder / f"{file:03d}.jsonl").write_bytes(gzip.compress(content, mtime=0) if file == 1 else content)


@pytest.fixture
def short_folder() -> Iterator[Path]:
    """A folder whose name leaves room for that of a socket."""
    with tempfile.TemporaryDirectory() as folder:
        yield Path(folder)


@pytest.mark.parametrize("chunk_bytes", [5_000, 1 << 20])
def test_the_number_of_workers_does_not_show(tmp_path: Path, monkeypatch, chunk_bytes: int) -> None:
    monkeypatch.setattr("dagster_project.landing.decoding.workers._WORTHWHILE_BYTES", 0)
    write_logs(tmp_path / "logs", files=4, lines=300)
    trees = []
    for workers in (1, 3):
        settings = Settings(home=tmp_path / f"home{workers}", workers=workers, chunk_bytes=chunk_bytes)
        land(settings, [tmp_path / "logs"], keep_payloads=True)
        trees.append(landed.tree(settings))
    assert trees[0] == trees[1]
    assert any(name.startswith("payloads/") for name in trees[0])


def test_the_size_of_chunks_shows_in_no_fact(tmp_path: Path) -> None:
    write_logs(tmp_path / "logs", files=3, lines=300)
    trees = []
    for chunk_bytes in (3_000, 1 << 20):
        settings = Settings(home=tmp_path / f"home{chunk_bytes}", workers=1, chunk_bytes=chunk_bytes)
        land(settings, [tmp_path / "logs"])
        trees.append(landed.tree(settings))
    assert trees[0] == trees[1]


def test_the_ledger_adds_up_to_the_lines_of_the_files(tmp_path: Path) -> None:
    write_logs(tmp_path / "logs", files=4, lines=300)
    settings = Settings(home=tmp_path / "home", workers=1, chunk_bytes=10_000)
    land(settings, [tmp_path / "logs"])
    ledger = landed.ledger(settings)
    units = landed.rows(settings, "units")
    quarantined = landed.rows(settings, "quarantine")
    for path in sorted((tmp_path / "logs").iterdir()):
        raw = path.read_bytes()
        text = gzip.decompress(raw) if raw[:2] == b"\x1f\x8b" else raw
        row = ledger[path.name]
        assert row["unit_count"] == text.count(b"\n") + 1
        assert row["pending_count"] == 1
        assert row["landed_count"] == sum(unit["batch_id"] == row["batch_id"] for unit in units)
        assert row["quarantined_count"] == sum(unit["batch_id"] == row["batch_id"] for unit in quarantined)
        settled = row["landed_count"] + row["quarantined_count"] + row["duplicate_count"] + row["blank_count"]
        assert settled + row["pending_count"] == row["unit_count"]
        for unit in units + quarantined:
            if unit["batch_id"] == row["batch_id"]:
                start, end = unit["byte_offset"], unit["byte_offset"] + unit["byte_length"]
                assert text.split(b"\n")[unit["line_number"] - 1] == text[start:end]


@pytest.mark.slow
def test_killed_at_random_moments_and_rerun_it_ends_like_an_uninterrupted_landing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, short_folder: Path
) -> None:
    monkeypatch.setenv("TMPDIR", str(short_folder))  # a killed landing leaves its workers' socket there
    logs = tmp_path / "logs"
    # No torn end: a kill after the last commit, before the process is gone, makes the rerun the next landing,
    # and that one gives up unfinished tails. test_interruption has torn ends.
    write_logs(logs, files=12, lines=3500, end=b"")
    script = tmp_path / "land_it.py"
    script.write_text(_LAND, encoding="utf-8")

    def start(home: Path) -> subprocess.Popen:
        return subprocess.Popen([sys.executable, str(script), str(home), str(logs)], stderr=subprocess.DEVNULL)

    calm = Settings(home=tmp_path / "calm")
    began = time.monotonic()
    assert start(calm.home).wait() == 0
    usual_seconds = time.monotonic() - began
    draw = random.Random(11)
    kills = rounds = 0
    while kills < KILLS:
        rounds += 1
        shaken = Settings(home=tmp_path / f"shaken{rounds}")
        process = start(shaken.home)
        while process.poll() is None:
            try:
                process.wait(timeout=draw.uniform(0.2, 0.9) * usual_seconds)
            except subprocess.TimeoutExpired:
                process.send_signal(signal.SIGKILL)
                process.wait()
                kills += 1
                process = start(shaken.home)
        assert process.returncode == 0
        # Files written before a kill and never committed are the same files that the next landing commits.
        assert landed.tree(shaken) == landed.tree(calm)
