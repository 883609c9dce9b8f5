"""Workers are forks of the process that lands where nothing else goes on in it, and hold none of its locks."""

import fcntl
import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from dagster_project.formats.registry import load_formats
from dagster_project.landing.decoding import forks
from dagster_project.landing.decoding.loaded_formats import formats_by_name
from dagster_project.settings import Settings

FORKING = """
import fcntl, os, sys
from pathlib import Path
import duckdb, pyarrow
from dagster_project.landing.decoding.workers import workers_for
from dagster_project.settings import Settings

lock = open(sys.argv[1], "wb")
fcntl.flock(lock, fcntl.LOCK_EX)
with workers_for(Settings(home=Path("nowhere"), workers=2)) as workers:
    workers.start(work_bytes=1 << 30)
    parents = list(workers.map(eval, ["__import__('os').getppid()"] * 3))
    print(parents == [os.getpid()] * 3, flush=True)
    sys.stdin.read()
"""


@pytest.mark.slow
def test_a_forks_parent_that_is_killed_holds_no_lock_any_more(tmp_path: Path) -> None:
    lock = tmp_path / "lock"
    process = subprocess.Popen(
        [sys.executable, "-c", FORKING, str(lock)], text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "True\n"
    process.kill()
    process.wait(timeout=60)
    with lock.open("wb") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    process.communicate()


def test_a_process_with_another_thread_of_python_is_not_forked() -> None:
    over = threading.Event()
    waiting = threading.Thread(target=over.wait)
    waiting.start()
    try:
        assert not forks.is_at_rest()
    finally:
        over.set()
        waiting.join()


def test_a_fork_lets_go_of_files_and_keeps_their_numbers(tmp_path: Path) -> None:
    with (tmp_path / "held").open("wb") as held, (tmp_path / "held").open("wb") as other:
        fcntl.flock(held, fcntl.LOCK_EX)
        forks.let_go((held.fileno(),))
        fcntl.flock(other, fcntl.LOCK_EX | fcntl.LOCK_NB)
        assert os.path.samestat(os.fstat(held.fileno()), Path(os.devnull).stat())


def test_formats_are_asked_in_the_same_order_where_the_usual_one_is_had_without_the_others(settings: Settings) -> None:
    assert list(formats_by_name(settings, ())) == [format.name for format in load_formats(settings)]
