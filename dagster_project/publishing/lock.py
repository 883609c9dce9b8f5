"""One writer of the private warehouse at a time, whoever it is: a command, an asset, a person."""

import fcntl
import threading
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from dagster_project import durable
from dagster_project.settings import Settings

_guard = threading.RLock()
_depth: dict[Path, int] = {}


@contextmanager
def warehouse_writer(settings: Settings) -> Generator[None]:
    """Hold the warehouse writer's lock; waits for another process that holds it.

    May be nested within one thread: an asset run holds it from the first input to the publication, and the
    functions it calls take it again. The kernel frees it when the process dies.
    """
    path = settings.home / "warehouse" / ".lock"  # of all engines: they publish to one place
    with _guard:
        if _depth.get(path):
            _depth[path] += 1
            try:
                yield
            finally:
                _depth[path] -= 1
            return
        durable.make_folder(path.parent)
        with path.open("wb") as handle:
            fcntl.flock(handle, fcntl.LOCK_EX)
            _depth[path] = 1
            try:
                yield
            finally:
                del _depth[path]
