"""Workers leave nothing in the temporary folder, ended or killed, and are done without where none comes up."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

LANDING = """
import sys
import threading
from pathlib import Path
from dagster_project.landing.decoding.workers import workers_for
from dagster_project.settings import Settings

if __name__ == "__main__":
    threading.Thread(target=threading.Event().wait, daemon=True).start()  # else workers are forks, without a server
    with workers_for(Settings(home=Path("nowhere"), workers=2)) as workers:
        workers.start(work_bytes=1 << 30)
        assert list(workers.map(abs, [-1, -2, -3])) == [1, 2, 3]
        print("ready", flush=True)
        sys.stdin.read()
"""


def landing(tmp_path: Path) -> subprocess.Popen[str]:
    """A process with two workers that have worked; it ends when its input does."""
    script = tmp_path / "landing.py"
    script.write_text(LANDING, encoding="utf-8")
    temporary = tmp_path / "t"
    temporary.mkdir(exist_ok=True)
    process = subprocess.Popen(
        [sys.executable, str(script)], env=os.environ | {"TMPDIR": str(temporary)}, text=True,
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, start_new_session=True,
    )  # fmt: skip
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    return process


@pytest.fixture
def short_path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A socket's name must be short, or workers are made without one."""
    path = tmp_path_factory.mktemp("w")
    if len(os.fsencode(path)) > 50:
        pytest.skip("the temporary folder of the tests has too long a name for a socket")
    return path


def left(tmp_path: Path) -> list[str]:
    return sorted(path.name for path in (tmp_path / "t").iterdir())


def is_empty_soon(tmp_path: Path) -> bool:
    deadline = time.monotonic() + 20
    while left(tmp_path) and time.monotonic() < deadline:
        time.sleep(0.02)
    return not left(tmp_path)


def ended(process: subprocess.Popen[str]) -> int:
    process.communicate(timeout=60)
    return process.returncode


def test_at_its_end_nothing_is_left(short_path: Path) -> None:
    process = landing(short_path)
    assert [name.rpartition("-")[0] for name in left(short_path)] == ["reliability-sockets"]
    assert ended(process) == 0
    assert left(short_path) == []


def test_killed_its_workers_leave_nothing(short_path: Path) -> None:
    process = landing(short_path)
    process.kill()
    ended(process)
    assert is_empty_soon(short_path)


def test_what_is_left_by_one_killed_with_its_workers_the_next_removes_and_spares_the_living(short_path: Path) -> None:
    living, killed = landing(short_path), landing(short_path)
    both = left(short_path)
    os.killpg(killed.pid, signal.SIGKILL)
    ended(killed)
    theirs = short_path / "t" / "reliability-other"
    theirs.mkdir()
    assert left(short_path) == sorted([*both, theirs.name])
    assert ended(landing(short_path)) == 0
    assert len(left(short_path)) == 2 and theirs.name in left(short_path)
    assert ended(living) == 0
    assert left(short_path) == [theirs.name]


UNGUARDED = """
import sys
import threading
from pathlib import Path
from dagster_project.landing import land
from dagster_project.settings import Settings

threading.Thread(target=threading.Event().wait, daemon=True).start()
print(land(Settings(home=Path("home"), workers=2), ["lines.jsonl"]).units, "pandas" in sys.modules, flush=True)
"""


@pytest.mark.parametrize(("temporary", "is_told"), [("t", False), ("t" * 100, True)], ids=["forks", "spawned"])
def test_a_script_without_a_main_guard_lands_and_is_told_where_workers_would_run_it(
    short_path: Path, temporary: str, *, is_told: bool
) -> None:
    tmp_path = short_path
    (tmp_path / temporary).mkdir()
    script = tmp_path / "script.py"
    script.write_text(UNGUARDED, encoding="utf-8")
    line = (
        '{"event_type":"run","event_id":"%d","organization_id":"o","run_id":"%d","agent_id":"a",'
        '"occurred_at":"2026-01-01T00:00:00Z"}\n'
    )
    (tmp_path / "lines.jsonl").write_text("".join(line % (n, n) for n in range(80_000)), encoding="utf-8")
    ended = subprocess.run(
        [sys.executable, str(script)], env=os.environ | {"TMPDIR": str(tmp_path / temporary)},
        cwd=tmp_path, text=True, capture_output=True, timeout=120, check=False,
    )  # fmt: skip
    # Only without workers does the process that lands make Arrow's values of Python's, for which Arrow imports pandas.
    assert f"{{'landed': 80000, 'unit': 80000}} {is_told}" in ended.stdout
    assert ("__name__ == '__main__'" in ended.stderr) == is_told
