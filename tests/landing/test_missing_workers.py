"""Where worker processes cannot start, a landing is done in one process, says so, and ends as soon as it is done."""

import errno
import json
import multiprocessing
import os
from multiprocessing.context import SpawnContext, SpawnProcess
from pathlib import Path

import pytest

from dagster_project.commands.land import summary_lines
from dagster_project.landing import land
from dagster_project.landing.decoding import forks, workers
from dagster_project.settings import Settings

RECORD = {"event_type": "run", "organization_id": "o", "agent_id": "a", "occurred_at": "2026-01-01T00:00:00Z"}
NO_MORE = OSError(errno.EAGAIN, os.strerror(errno.EAGAIN))


class SleepingProcess(SpawnProcess):
    """Starts for the first time, never again."""

    started = 0
    error: BaseException = NO_MORE
    may_start = 1

    def start(self) -> None:
        if SleepingProcess.started >= self.may_start:
            raise self.error
        SleepingProcess.started += 1
        super().start()


class FullSystem(SpawnContext):
    Process = SleepingProcess  # type: ignore[assignment]


@pytest.fixture
def full_system(monkeypatch: pytest.MonkeyPatch) -> type[SleepingProcess]:
    monkeypatch.setattr(SleepingProcess, "started", 0)
    monkeypatch.setattr(workers, "_context", FullSystem)
    monkeypatch.setattr(forks, "is_at_rest", lambda: False)
    monkeypatch.setattr(workers, "_WORTHWHILE_BYTES", 1)
    return SleepingProcess


@pytest.mark.parametrize(
    ("may_start", "error", "why"),
    [(0, NO_MORE, "Resource temporarily unavailable"), (1, NO_MORE, "Resource temporarily unavailable"),
     (0, EOFError("unexpected EOF"), "unexpected EOF")],
)  # fmt: skip
def test_what_lands_is_the_same_and_the_reason_is_told(
    full_system: type[SleepingProcess],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    may_start: int,
    error: BaseException,
    why: str,
) -> None:
    monkeypatch.setattr(full_system, "may_start", may_start)
    monkeypatch.setattr(full_system, "error", error)
    for name in ("one", "two"):
        line = json.dumps(RECORD | {"event_id": name, "run_id": name})
        (tmp_path / f"{name}.jsonl").write_text(f"{line}\n", encoding="utf-8")
    summary = land(Settings(home=tmp_path / "home", workers=2), [tmp_path / "one.jsonl", tmp_path / "two.jsonl"])
    assert (summary.units, full_system.started) == ({"landed": 2, "unit": 2}, may_start)
    said = f"no worker process can be started ({why})"
    assert summary.without_workers == said
    assert f"warning: landed in one process, slowly: {said}" in summary_lines(summary)
    assert multiprocessing.active_children() == []  # one left would be waited for at our end


def test_where_nothing_can_be_forked_the_landing_goes_on_without(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def refuse() -> int:
        raise NO_MORE

    monkeypatch.setattr(workers, "_WORTHWHILE_BYTES", 1)
    monkeypatch.setattr(forks, "is_at_rest", lambda: True)
    monkeypatch.setattr(os, "fork", refuse)
    (tmp_path / "a.jsonl").write_text(f"{json.dumps(RECORD | {'event_id': 'e', 'run_id': 'r'})}\n", encoding="utf-8")
    summary = land(Settings(home=tmp_path / "home", workers=2), [tmp_path / "a.jsonl"])
    assert summary.units == {"landed": 1, "unit": 1}
    assert summary.without_workers == "no worker process can be started (Resource temporarily unavailable)"


def test_a_landing_too_small_for_workers_misses_none(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text("{}\n", encoding="utf-8")
    summary = land(Settings(home=tmp_path / "home", workers=2), [tmp_path])
    assert summary.without_workers is None
