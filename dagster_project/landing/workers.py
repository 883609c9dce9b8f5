"""Worker processes: the same functions on the same arguments, in this process or in several."""

import importlib
import multiprocessing
import os
import threading
import time
from collections.abc import Callable, Generator, Iterator, Sequence
from concurrent.futures import Executor, Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from typing import TypeVar

import pyarrow as pa

from dagster_project.errors import UsageError
from dagster_project.settings import Settings

Argument = TypeVar("Argument")
Result = TypeVar("Result")

# Below this much work, starting processes costs more than they save (a third of a second each, measured).
_WORTHWHILE_BYTES = 8 << 20
_WATCH_SECONDS = 0.2


class Workers:
    """Maps functions over arguments; results come in the arguments' order."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._executor: Executor | None = None
        self._coming_up: list[Future] = []

    def start(self, *, work_bytes: int) -> None:
        """Start the processes if there is enough to do; they come up while the caller goes on."""
        if self._executor is not None or self._settings.workers < 2 or work_bytes < _WORTHWHILE_BYTES:
            return
        # Spawned, not forked: a fork of a process with Arrow's threads can hang.
        self._executor = ProcessPoolExecutor(
            max_workers=self._settings.workers,
            mp_context=multiprocessing.get_context("spawn"),
            initializer=_end_with_parent,
            initargs=(os.getpid(),),
        )
        self._coming_up = [self._executor.submit(_come_up) for _ in range(self._settings.workers)]

    def map(self, function: Callable[[Argument], Result], arguments: Sequence[Argument]) -> Iterator[Result]:
        """The results in order; an exception in a worker is raised here, UsageError when a worker died."""
        executor = self._running()
        if executor is None or len(arguments) < 2:
            yield from map(function, arguments)
            return
        try:
            yield from executor.map(function, arguments)
        except BrokenProcessPool as error:
            raise UsageError(
                "A worker process died while landing.",
                remedy="Usually memory ran out: land with fewer workers; what was committed before stays.",
            ) from error

    def stop(self) -> None:
        """End the processes."""
        if self._executor is not None:
            self._executor.shutdown(wait=True, cancel_futures=True)

    def _running(self) -> Executor | None:
        """None when no worker comes up: none can when our main module is no file, as in `python - < script`."""
        try:
            for future in self._coming_up:
                future.result()
        except BrokenProcessPool:
            self._executor = None
        self._coming_up = []
        return self._executor


@contextmanager
def workers_for(settings: Settings) -> Generator[Workers, None, None]:
    """Workers, none of them started yet; they end with the context, and when this process is killed."""
    workers = Workers(settings)
    try:
        yield workers
    finally:
        workers.stop()


def _come_up() -> None:
    """Import what every task needs: in each worker at once, while the files are still being looked at."""
    importlib.import_module("dagster_project.landing.decoding")
    importlib.import_module("dagster_project.landing.materializing")


def _end_with_parent(parent: int) -> None:
    """A worker of a killed landing must not linger: it would wait for work forever."""
    pa.set_cpu_count(1)
    threading.Thread(target=_watch, args=(parent,), daemon=True).start()


def _watch(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(_WATCH_SECONDS)
    os._exit(1)
