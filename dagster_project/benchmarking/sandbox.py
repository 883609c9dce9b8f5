"""One command in a folder of its own: bounded in time and output, with nothing of it left running.

This keeps honest agents apart, and mistakes small. It is no wall against a hostile one: the command runs as this user,
with its network and its rights to read. Run what you do not trust in a container.
"""

import contextlib
import os
import resource
import signal
import subprocess
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

MOST_FILE_BYTES = 1 << 30
"""Largest file that a command may write."""

KEPT_OUTPUT_BYTES = 64 << 10
"""How much of what a command prints is read: its end."""

_PASSED_ON = ("PATH", "LANG", "LC_ALL", "TZ", "SSL_CERT_FILE", "SSL_CERT_DIR")


@dataclass(frozen=True, kw_only=True)
class Ended:
    """How a command ended. `exit_code` is None where it was stopped at the time limit; negative is a signal."""

    exit_code: int | None
    milliseconds: int
    output: str
    errors: str

    @property
    def is_timeout(self) -> bool:
        return self.exit_code is None


def run_command(
    command: Sequence[str],
    *,
    folder: Path,
    seconds: float,
    given: str = "",
    environment: Mapping[str, str] | None = None,
) -> Ended:
    """Run it in `folder` with `given` on its standard input, and end whatever it started.

    It sees few variables of our environment, and `folder` as its home. Raises OSError when it cannot be started.
    """
    seen = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
    seen |= {"HOME": str(folder), "TMPDIR": str(folder)} | dict(environment or {})
    with tempfile.TemporaryFile() as standard_input, tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        standard_input.write(given.encode("utf-8"))
        standard_input.seek(0)
        began = time.monotonic()
        process = subprocess.Popen(
            list(command), cwd=folder, env=seen, stdin=standard_input, stdout=out, stderr=err, start_new_session=True
        )
        try:
            _bound(process.pid)
            exit_code = _wait(process, seconds)
            milliseconds = round(1000 * (time.monotonic() - began))
        finally:
            _end_group(process)
        return Ended(exit_code=exit_code, milliseconds=milliseconds, output=_tail(out), errors=_tail(err))


def _wait(process: subprocess.Popen[bytes], seconds: float) -> int | None:
    try:
        return process.wait(timeout=seconds)
    except subprocess.TimeoutExpired:
        return None


def _bound(pid: int) -> None:
    """No file without end, no core dump. Only Linux can bound another process; elsewhere the time limit must do."""
    if hasattr(resource, "prlimit"):
        with contextlib.suppress(ProcessLookupError):
            resource.prlimit(pid, resource.RLIMIT_FSIZE, (MOST_FILE_BYTES, MOST_FILE_BYTES))
            resource.prlimit(pid, resource.RLIMIT_CORE, (0, 0))


def _end_group(process: subprocess.Popen[bytes]) -> None:
    """Kill the command and what it left behind in its session's group."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def _tail(file: IO[bytes]) -> str:
    size = file.seek(0, os.SEEK_END)
    file.seek(max(0, size - KEPT_OUTPUT_BYTES))
    return file.read(KEPT_OUTPUT_BYTES).decode("utf-8", errors="replace")
