"""Put a finished folder where readers look, in one step, whether or not something is there already."""

import ctypes
import errno
import fcntl
import os
import shutil
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from dagster_project import durable

_AT_FDCWD = -100
_RENAME_EXCHANGE = 2


@contextmanager
def exporter_lock(out: Path) -> Generator[None]:
    """One exporter at a time writes below `out`; waits for another. The kernel frees it if we die."""
    durable.make_folder(out)
    with (out / ".export.lock").open("wb") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def sync_tree(folder: Path) -> None:
    """Make every file below the folder, and the folder itself, durable."""
    for path in sorted(folder.rglob("*"), reverse=True):
        if path.is_dir():
            durable.sync_folder(path)
            continue
        with path.open("rb") as handle:
            os.fsync(handle.fileno())
    durable.sync_folder(folder)


def put_in_place(folder: Path, place: Path) -> None:
    """Give `folder` the name `place`. What was there before is removed, after it has been replaced."""
    if not place.exists():
        folder.rename(place)
    else:
        _exchange(folder, place)
        shutil.rmtree(folder, ignore_errors=True)
    durable.sync_folder(place.parent)


def _exchange(folder: Path, place: Path) -> None:
    """Swap two names in one step; a file system that cannot gets two renames, with a moment between."""
    libc = ctypes.CDLL(None, use_errno=True)
    renameat2 = getattr(libc, "renameat2", None)
    if renameat2 is not None:
        if renameat2(_AT_FDCWD, os.fsencode(folder), _AT_FDCWD, os.fsencode(place), _RENAME_EXCHANGE) == 0:
            return
        error = ctypes.get_errno()
        if error not in (errno.EINVAL, errno.ENOSYS, errno.ENOTSUP):
            raise OSError(error, os.strerror(error), str(place))
    aside = folder.with_name(folder.name + ".old")
    place.rename(aside)
    folder.rename(place)
    aside.rename(folder)
