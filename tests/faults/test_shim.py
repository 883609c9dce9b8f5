"""The library sees what the kernel sees, does what it says, and does it to the installed command as well."""

import os
import re
import shutil
import signal
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from tests.faults.landings import LANDINGS, tree
from tests.faults.points import FAULTS, KINDS

RELIABILITY = Path(sys.executable).with_name("reliability")
TRACED = {
    "write": ("write", "pwrite64", "writev", "pwritev"),
    "sync": ("fsync", "fdatasync"),
    "rename": ("rename", "renameat", "renameat2"),
    "mkdir": ("mkdir", "mkdirat"),
}


def _land(
    library: Path, home: Path, *, operation: str, kind: str, fault: str, before: list[str] | None = None
) -> subprocess.CompletedProcess[str]:
    sources = home.parent / "sources"
    if not sources.is_dir():
        sources.mkdir()
        LANDINGS["first"].write(sources)
    environment = {
        "RELIABILITY_HOME": str(home), "LD_PRELOAD": str(library), "FAULTS_HOME": str(home),
        "FAULTS_SOURCES": str(sources), "FAULTS_OPERATION": operation, "FAULTS_PATTERN": KINDS[kind],
        "FAULTS_ORDINAL": "1", "FAULTS_ACTION": fault, "FAULTS_LOG": str(home.parent / f"{home.name}.log"),
    }  # fmt: skip
    return subprocess.run(
        [*(before or []), str(RELIABILITY), "land", str(sources), "--payloads"],
        env={**os.environ, **environment}, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False,
    )  # fmt: skip


@pytest.mark.slow
def test_the_library_sees_every_write_sync_rename_and_folder_that_the_kernel_sees(
    library: Path, tmp_path: Path
) -> None:
    if shutil.which("strace") is None:
        pytest.skip("needs strace, to compare with what the kernel saw; Debian: strace")
    trace = tmp_path / "trace"
    calls = ",".join(call for calls in TRACED.values() for call in calls)
    strace = ["strace", "-f", "-y", "-s", "0", "-e", f"trace={calls}", "-o", str(trace)]
    ran = _land(library, tmp_path / "home", operation="", kind="source", fault="pass", before=strace)
    if ran.returncode != 0 and "ptrace" in ran.stderr.lower():
        pytest.skip("strace may not trace here")
    assert ran.returncode == 0, ran.stderr
    seen = Counter(line.split("\t")[0] for line in (tmp_path / "home.log").read_text(encoding="utf-8").splitlines())
    below = re.compile(rf'[<"]{re.escape(str(tmp_path / "home"))}[/">]')
    ours = [line for line in trace.read_text(encoding="utf-8").splitlines() if below.search(line)]
    traced = Counter(re.sub(r"^\d+ +", "", line).partition("(")[0] for line in ours)
    assert seen["write"] > 500 and seen["sync"] > 20
    for operation, calls in TRACED.items():
        assert seen[operation] == sum(traced[call] for call in calls), operation


@pytest.mark.slow
@pytest.mark.parametrize("fault", FAULTS["write"])
def test_the_installed_command_meets_the_fault_and_then_lands_as_if_nothing_had_been(
    library: Path, tmp_path: Path, fault: str
) -> None:
    calm, struck = tmp_path / "calm", tmp_path / "struck"
    assert _land(library, calm, operation="", kind="source", fault="pass").returncode == 0
    ran = _land(library, struck, operation="write", kind="unnamed snapshot", fault=fault)
    codes = {"short": 0, "no-space": 2, "io-error": 2}
    assert ran.returncode == codes.get(fault, -signal.SIGKILL), ran.stderr
    partial = struck / "landed" / "snapshots" / "00000001.json.partial"
    if fault == "torn":
        whole = (calm / "landed" / "snapshots" / "00000001.json").read_bytes()
        assert partial.read_bytes() == whole[: len(whole) // 2]
    assert (struck / "landed" / "snapshots" / "00000001.json").exists() == (fault == "short")
    if fault != "short":
        assert _land(library, struck, operation="", kind="source", fault="pass").returncode == 0
    assert tree(struck) == tree(calm)
