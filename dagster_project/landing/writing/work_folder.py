"""The scratch space of landings: its presence says that a landing has not ended, and with which commit it began."""

import shutil
import tempfile
from collections.abc import Generator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path

from dagster_project import durable
from dagster_project.settings import Settings
from dagster_project.snapshots import read_snapshot, writer_lock

_WORK_PREFIX = ".work-"


class WorkFolder:
    """Scratch space of one landing, named by the snapshot it began at. That it is there says: it has not ended.

    The number is in the folder's own name so that the mark goes in the same step as the folder.
    """

    def __init__(self, settings: Settings) -> None:
        self._threads = settings.workers
        left = sorted(settings.landed.glob(f"{_WORK_PREFIX}*"))  # by a killed landing, and this one carries that on
        self.began_at = int(left[0].name.removeprefix(_WORK_PREFIX)) if left else read_snapshot(settings).number
        self.path = settings.landed / f"{_WORK_PREFIX}{self.began_at:08d}"

    def fresh_folder(self) -> Path:
        """The only one, of a name of its own: a killed landing's worker may live a moment longer and still write."""
        self.clear()
        return Path(tempfile.mkdtemp(dir=self.path))

    def clear(self) -> None:
        for leftover in self.path.iterdir():
            if self._threads > 1:  # dropping half a GiB of what was just written takes a while
                with ThreadPoolExecutor(max_workers=self._threads) as pool:
                    list(pool.map(_remove, leftover.iterdir()))
            shutil.rmtree(leftover, ignore_errors=True)


def _remove(file: Path) -> None:
    with suppress(OSError):
        file.unlink()


@contextmanager
def work_folder(settings: Settings, *, stays_open: bool) -> Generator[WorkFolder, None, None]:
    """The work folder, empty; under the writer's lock, so what lies there is nobody's. Removed when all went well."""
    work = WorkFolder(settings)
    durable.make_folder(work.path)
    work.clear()
    durable.sweep_partial(settings.landed / "snapshots")
    try:
        yield work
    finally:
        work.clear()
    if not stays_open:
        shutil.rmtree(work.path)


def end_landing(settings: Settings) -> None:
    """Say that all is done that followed a landing that `stays_open`; while another landing runs, that one says so."""
    with writer_lock(settings, waits=False) as is_held:
        if is_held:
            for left in settings.landed.glob(f"{_WORK_PREFIX}*"):
                shutil.rmtree(left)
