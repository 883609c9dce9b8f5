"""Worker processes: the same functions on the same arguments, in this process or in several."""

import ctypes
import importlib
import multiprocessing
import os
import tempfile
import threading
from collections.abc import Callable, Generator, Iterator, Sequence
from concurrent.futures import Executor, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager, suppress
from multiprocessing import forkserver
from multiprocessing.context import BaseContext
from multiprocessing.process import BaseProcess
from typing import TypeVar

import pyarrow as pa

from dagster_project.errors import UsageError
from dagster_project.formats.usual import load_compiled
from dagster_project.landing.decoding import forks, socket_folder
from dagster_project.landing.decoding.without_main import WithoutMain
from dagster_project.settings import Settings

Argument = TypeVar("Argument")
Result = TypeVar("Result")

# Below this much work, starting processes costs more than they save (a third of a second each, measured).
_WORTHWHILE_BYTES = 8 << 20
# Loading what is compiled may take a tenth of a second, and saves three microseconds a line.
_WORTH_LOADING_BYTES = 32 << 20
_BEFORE, _NEEDED = "dagster_project.uncollected", "dagster_project.landing.decoding.task_needs"
# A socket's name has at most 104 bytes on some systems, with the zero at its end; this many of them are its own.
_SOCKET_NAME_BYTES = len("/listener-12345678") + 1
_TEMPORARY_FOLDER_BYTES = 104 - _SOCKET_NAME_BYTES - socket_folder.NAME_BYTES
# For glibc's mallopt: allocations below 32 MiB come from memory that is kept, not from the system each time anew.
_KEEPING = {-3: 32 << 20, -1: 512 << 20, -2: 16 << 20}  # M_MMAP_THRESHOLD, M_TRIM_THRESHOLD, M_TOP_PAD


class Workers:
    """Maps functions over arguments; results come in the arguments' order.

    `missing`: why all is done in this process, though workers were started; None when it is not.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self.missing: str | None = None
        self._executor: Executor | None = None
        self._is_started = False
        self._starting: threading.Thread | None = None
        self._ending: threading.Thread | None = None
        self._coming_up: list[Future] = []
        self._begun: list[Future] = []
        self._begun_with: Sequence[object] = ()

    def start(self, *, work_bytes: int) -> None:
        """Start the processes if there is enough to do; they come up while the caller goes on."""
        if self._settings.workers < 2 and work_bytes >= _WORTH_LOADING_BYTES:
            load_compiled()
        if self._is_started or self._settings.workers < 2 or work_bytes < _WORTHWHILE_BYTES:
            return
        self._is_started = True
        if forks.is_at_rest():
            with forks.forking() as (context, files):
                self._start(lambda: context, files)
            return
        # In a thread, as the first process is not there before the server has imported all it needs.
        self._starting = threading.Thread(target=self._start, args=(_context,))
        self._starting.start()

    def _start(self, context: Callable[[], BaseContext], files: tuple[int, ...] = ()) -> None:
        """`files` are the caller's, which the processes are to let go of."""
        count = self._settings.workers
        others = set(multiprocessing.active_children())
        try:
            executor = ProcessPoolExecutor(count, context(), initializer=_begin, initargs=(files,))
            self._coming_up = [executor.submit(_come_up) for _ in range(count)]
        except (OSError, EOFError) as error:  # EOFError: the server of workers has died
            self.missing = f"no worker process can be started ({getattr(error, 'strerror', None) or error})"
            _end(set(multiprocessing.active_children()) - others)
            return
        self._executor = executor

    def map(self, function: Callable[[Argument], Result], arguments: Sequence[Argument]) -> Iterator[Result]:
        """The results in order; an exception in a worker is raised here, UsageError when a worker died."""
        executor = self._running()
        if executor is None:
            yield from map(function, arguments)
            return
        if self._begun_with != arguments:
            self.drop()
        waiting = self._begun[::-1]
        self._begun, self._begun_with = [], ()
        try:
            with _told_of_death():
                waiting = waiting or [executor.submit(function, argument) for argument in arguments][::-1]
                while waiting:
                    yield waiting.pop().result()
        finally:
            for future in waiting:
                future.cancel()

    def do(self, function: Callable[..., Result], *arguments: object, **named: object) -> Result:
        """The one result, made by a worker where there are any: Arrow makes values of Python's in them without pandas.

        In a process that has pandas Arrow imports it for that, a quarter of a second.
        """
        executor = self._running()
        if executor is None:
            return function(*arguments, **named)
        with _told_of_death():
            return executor.submit(function, *arguments, **named).result()

    def begin(self, function: Callable[[Argument], Result], arguments: Sequence[Argument]) -> bool:
        """Begin, as soon as processes are up, with what `map` will most likely be asked for; False when none are."""
        executor = self._running()
        if executor is None or len(arguments) < 2:
            return False
        with suppress(BrokenProcessPool):  # `map` will say so
            self._begun = [executor.submit(function, argument) for argument in arguments]
            self._begun_with = arguments
        return True

    def drop(self) -> None:
        """End what was begun and is not asked for; nothing of it goes on afterwards."""
        for future in self._begun:
            future.cancel()
        wait(self._begun)
        self._begun, self._begun_with = [], ()

    def let_go(self) -> None:
        """Let the processes end, while the caller goes on: there is nothing more for them to do."""
        self.drop()
        if self._executor is not None:
            self._ending = threading.Thread(target=self._executor.shutdown)
            self._ending.start()
            self._executor = None

    def stop(self) -> None:
        """End the processes."""
        if self._starting is not None:
            self._starting.join()
        if self._executor is not None:
            self._executor.shutdown(wait=True, cancel_futures=True)
        if self._ending is not None:
            self._ending.join()

    def _running(self) -> Executor | None:
        """None when no worker comes up: none can when our main module is no file, as in `python - < script`."""
        if self._starting is not None:
            self._starting.join()
        try:
            for future in self._coming_up:
                future.result()
        except BrokenProcessPool:
            self.missing = "worker processes end as they begin"
            self._executor = None
        self._coming_up = []
        return self._executor


@contextmanager
def _told_of_death() -> Generator[None, None, None]:
    try:
        yield
    except BrokenProcessPool as error:
        raise UsageError(
            "A worker process died while landing.",
            remedy="Usually memory ran out: land with fewer workers; what was committed before stays.",
        ) from error


def _end(processes: set[BaseProcess]) -> None:
    """Those that came up before one could not would wait for work for ever, and our end for them."""
    for process in processes:
        process.kill()
        process.join()


def refuse_to_land_while_coming_up() -> None:
    """Raise in a worker that runs the script of its parent, which lands without a main guard and would wait for ever.

    The parent goes on without workers then.
    """
    if getattr(multiprocessing.current_process(), "_inheriting", False):
        raise UsageError(
            "A worker process runs the script that lands, and would land itself.",
            remedy="Call land below `if __name__ == '__main__':`; until then it works in one process.",
        )


@contextmanager
def workers_for(settings: Settings) -> Generator[Workers, None, None]:
    """Workers, none of them started yet; they end with the context, and when this process is killed."""
    workers = Workers(settings)
    try:
        yield workers
    finally:
        workers.stop()


def _context() -> BaseContext:
    """No fork of this process, where something else goes on in it.

    A small server imports what every worker needs, once, and workers are forks of it; or each is spawned, where there
    is no such server or the folder of its socket has too long a name for one.
    """
    is_served = "forkserver" in multiprocessing.get_all_start_methods()
    if not is_served or len(os.fsencode(tempfile.gettempdir())) > _TEMPORARY_FOLDER_BYTES:
        return multiprocessing.get_context("spawn")
    context = WithoutMain()
    context.set_forkserver_preload([_BEFORE, _NEEDED])
    socket_folder.use_own_folder()
    forkserver.ensure_running()  # now, not with the first worker: it imports while we do other things
    return context


def _come_up() -> None:
    """Import what every task needs, where that has not been done: in each worker at once, while files are looked at."""
    importlib.import_module(_NEEDED)


def _begin(files: tuple[int, ...]) -> None:
    """A worker's first step."""
    forks.let_go(files)
    pa.set_cpu_count(1)
    _keep_memory()
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _keep_memory() -> None:
    """Blocks of a few MiB come and go all the time; fetched from the system each time, they cost a tenth of it all."""
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (AttributeError, OSError, TypeError):
        return  # another C library
    for parameter, value in _KEEPING.items():
        mallopt(parameter, value)
    pa.set_memory_pool(pa.system_memory_pool())


def _end_with_parent() -> None:
    """A worker of a killed landing must not linger: it would wait for work forever."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        socket_folder.remove_after_parent()
        os._exit(1)
