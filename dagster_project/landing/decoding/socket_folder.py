"""The folder of the socket by which worker processes are asked for. It goes with us, however we end.

Left to multiprocessing, it would lie in the system's temporary folder for ever once we are killed.
"""

import fcntl
import multiprocessing
import os
import shutil
import tempfile
from collections.abc import Generator
from contextlib import contextmanager, suppress
from multiprocessing import util
from pathlib import Path

_PREFIX = "reliability-sockets-"
NAME_BYTES = len(f"/{_PREFIX}12345678")


def use_own_folder() -> None:
    """Have multiprocessing put its sockets into a folder of ours, whose lock the kernel frees when we die.

    Nothing happens where the process has a folder for them already.
    """
    config = getattr(multiprocessing.current_process(), "_config", None)
    if config is None or config.get("tempdir") is not None:
        return
    sweep()
    while True:
        folder = tempfile.mkdtemp(prefix=_PREFIX)
        with suppress(FileNotFoundError):  # swept, before it was ours
            descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            if Path(folder).exists():
                break
            os.close(descriptor)
    config["tempdir"] = folder  # where multiprocessing.util.get_temp_dir keeps its own
    util.Finalize(None, shutil.rmtree, args=(folder,), kwargs={"ignore_errors": True}, exitpriority=-100)


def remove_after_parent() -> None:
    """In a worker whose parent was killed: remove the folder, if it is of this kind."""
    config = getattr(multiprocessing.current_process(), "_config", None) or {}
    folder = Path(config.get("tempdir") or "/")
    if folder.name.startswith(_PREFIX):
        shutil.rmtree(folder, ignore_errors=True)


def sweep() -> int:
    """Remove the folders of processes that were killed with all their workers; how many. Others' are left alone."""
    swept = 0
    for folder in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*"):
        with _locked(folder) as is_nobodys:
            if is_nobodys:
                shutil.rmtree(folder, ignore_errors=True)
                swept += 1
    return swept


@contextmanager
def _locked(folder: Path) -> Generator[bool]:
    """Whether the folder is our user's and no living process holds it."""
    try:
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
    except OSError:
        yield False
        return
    try:
        is_ours = os.fstat(descriptor).st_uid == os.geteuid()
        with suppress(BlockingIOError):
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            yield is_ours
            return
        yield False
    finally:
        os.close(descriptor)
