"""Workers that are forks of this process, where nothing goes on in it: they have all that it has imported.

A fork has one thread, and would wait for ever for what another one held: memory, a module that was being loaded. A
thread that waits to be told something (DuckDB starts some when it is imported, and Arrow) holds nothing that workers
ask for. A process with any other, one that runs, reads or sleeps, or is Python's, is not forked.
"""

import multiprocessing
import os
import sys
import threading
import warnings
from collections.abc import Generator
from contextlib import contextmanager
from multiprocessing.context import BaseContext
from pathlib import Path

_OF_LINUX = Path("/proc/self")
_WAITS = {"x86_64": "202", "aarch64": "98"}.get(os.uname().machine, "")  # the system call futex
# What a process has in memory is listed for each of its forks: a tenth of a second for so much.
_LARGE_BYTES = 2 << 30


def is_at_rest() -> bool:
    """Whether all threads but this one wait to be told something, and it is small. Never elsewhere than on Linux."""
    if len(sys._current_frames()) > 1:
        return False
    try:
        others = [task for task in (_OF_LINUX / "task").iterdir() if int(task.name) != threading.get_native_id()]
        calls = [(task / "syscall").read_text(encoding="ascii").split()[0] for task in others]
        pages = int((_OF_LINUX / "statm").read_text(encoding="ascii").split()[1])
    except (OSError, ValueError):
        return False
    return all(call == _WAITS for call in calls) and pages * os.sysconf("SC_PAGE_SIZE") < _LARGE_BYTES


@contextmanager
def forking() -> Generator[tuple[BaseContext, tuple[int, ...]]]:
    """How to fork, and the files that a fork is to let go of. Python 3.12 warns of any thread, also of these."""
    listed = list((_OF_LINUX / "fd").iterdir())
    files = tuple(int(path.name) for path in listed if int(path.name) > 2 and path.is_symlink())  # not the list's own
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        yield multiprocessing.get_context("fork"), files


def let_go(files: tuple[int, ...]) -> None:
    """Put nothing in place of our parent's files: a lock ends with whom it is of, not with its forks."""
    nothing = os.open(os.devnull, os.O_RDWR | os.O_CLOEXEC)
    for file in files:
        if file != nothing:
            os.dup2(nothing, file, inheritable=False)
