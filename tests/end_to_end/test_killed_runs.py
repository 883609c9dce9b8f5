"""A run killed at any moment and run again ends in the state of a run that was never killed."""

import contextlib
import hashlib
import json
import os
import random
import signal
import subprocess
import time
from pathlib import Path

import pytest

from tests.end_to_end.command_line import RELIABILITY, rows, succeed

KILLS = 10
SEED = 20260301

MARTS = (
    "agent_runs", "messages", "tool_calls", "agent_metrics", "agent_metrics_daily", "agent_errors",
    "benchmark_summaries", "benchmark_pass_k", "variant_comparisons", "sft_examples", "preference_pairs",
    "export_refusals", "landing_ledger", "landed_records", "quarantine",
)  # fmt: skip


def _start(home: Path, logs: Path) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [str(RELIABILITY), "run", str(logs), "--payloads"],
        env={**os.environ, "RELIABILITY_HOME": str(home)},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )


def _kill(process: subprocess.Popen[bytes]) -> None:
    """Kill the command and the processes it started, as a power cut would."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def _marts(home: Path) -> dict[str, str]:
    return {mart: json.dumps(rows(home, f"select * from {mart} order by all")) for mart in MARTS}


def _files(folder: Path) -> dict[str, str]:
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not path.name.startswith(".")
    }


@pytest.mark.slow
@pytest.mark.xdist_group("killed_runs")
def test_ten_kills_change_nothing_in_the_end(tmp_path: Path) -> None:
    succeed(tmp_path, "simulate", "--out", tmp_path / "logs", "--seed", "3", "--days", "6", "--runs", "1500")
    logs = tmp_path / "logs"
    whole, killed = tmp_path / "whole", tmp_path / "killed"

    started = time.monotonic()
    succeed(whole, "run", logs, "--payloads")
    usual_seconds = time.monotonic() - started

    moments = random.Random(SEED)
    for _ in range(KILLS):
        process = _start(killed, logs)
        time.sleep(moments.uniform(0.2, usual_seconds))
        _kill(process)
    succeed(killed, "run", logs, "--payloads")

    assert _files(killed / "landed") == _files(whole / "landed")
    assert _files(killed / "exports") == _files(whole / "exports")
    assert _marts(killed) == _marts(whole)
