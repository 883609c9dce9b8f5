"""The same function over many tasks, in this process or in several; results in the order of the tasks."""

import ctypes
import gc
import multiprocessing
import os
import threading
import time
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from typing import Any, TypeVar

import pyarrow as pa

from dagster_project.errors import ReliabilityError

Task = TypeVar("Task")
Result = TypeVar("Result")

WORTHWHILE_ROWS = 5_000
"""Rows below which starting processes costs more than they save (about a second each, measured)."""
_AHEAD = 2
"""Tasks of each process that wait: enough to keep it busy, few enough to keep memory bounded."""
_WATCH_SECONDS = 0.5
_TRIM = getattr(ctypes.CDLL(None), "malloc_trim", None)
"""Of glibc alone."""


class Pool:
    """Maps a function over tasks that are made as they are needed."""

    def __init__(self, executor: ProcessPoolExecutor | None, size: int) -> None:
        self._executor = executor
        self._size = size

    def map(self, function: Callable[[Task], Result], tasks: Iterable[Task]) -> Iterator[Result]:
        """Results in order. Raises what a task raised, ReliabilityError when a process died."""
        if self._executor is None:
            yield from map(function, tasks)
            return
        waiting: deque[Future[Result]] = deque()
        try:
            for task in tasks:
                waiting.append(self._executor.submit(_work, function, task))
                if len(waiting) > self._size * _AHEAD:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        except BrokenProcessPool as error:
            raise ReliabilityError(
                "A process of the export died.",
                remedy="Usually memory ran out: export with fewer threads; the dataset there was stays.",
            ) from error


@contextmanager
def start_pool(threads: int, *, rows: int) -> Generator[Pool, None, None]:
    """Processes for about that many rows; they end with the context, and when this process is killed."""
    if threads < 2 or rows < WORTHWHILE_ROWS:
        yield Pool(None, 1)
        return
    # Spawned, not forked: a fork of a process with Arrow's threads can hang.
    executor = ProcessPoolExecutor(
        max_workers=threads,
        mp_context=multiprocessing.get_context("spawn"),
        initializer=_begin,
        initargs=(os.getpid(),),
    )
    try:
        yield Pool(executor if _can_start(executor) else None, threads)
    finally:
        executor.shutdown(wait=True, cancel_futures=True)


def _work(function: Callable[[Any], Any], task: Any) -> Any:
    try:
        return function(task)
    finally:
        gc.collect()
        release_memory()


def release_memory() -> None:
    """Give back to the system what allocators keep for later: a process that waits would hold it for nothing."""
    pa.default_memory_pool().release_unused()
    if _TRIM is not None:
        _TRIM(0)


def _can_start(executor: ProcessPoolExecutor) -> bool:
    """Whether a process comes up at all: it cannot when our main module is no file, as in `python - < script`."""
    try:
        executor.submit(os.getpid).result()
    except BrokenProcessPool:
        return False
    return True


def _begin(parent: int) -> None:
    """One thread a process; a process whose export was killed must not linger.

    Rows are trees of small objects: to look for circles among them while they are made took a tenth of the time. What a
    task leaves is looked through after it.
    """
    gc.freeze()
    gc.disable()
    pa.set_cpu_count(1)
    pa.set_io_thread_count(1)
    threading.Thread(target=_watch, args=(parent,), daemon=True).start()


def _watch(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(_WATCH_SECONDS)
    os._exit(1)
