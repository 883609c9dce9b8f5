"""Worker processes that leave the main module of their parent alone: all they are asked for lies in modules of ours.

multiprocessing has each process import anew the module, or run the script, that its parent was started with: a tenth of
a second where that imports DuckDB, and a second landing where the script has no main guard.
"""

import io
import os
from multiprocessing import forkserver, popen_forkserver, reduction, spawn, util
from multiprocessing.context import ForkServerContext, ForkServerProcess, set_spawning_popen
from multiprocessing.process import BaseProcess

_MAIN = ("init_main_from_name", "init_main_from_path")


def _close(*descriptors: int) -> None:
    for descriptor in descriptors:
        os.close(descriptor)


class _Launched(popen_forkserver.Popen):
    """As its base class launches a process, which it is told nothing of our main module."""

    def _launch(self, process_obj: BaseProcess) -> None:
        told = spawn.get_preparation_data(process_obj.name)
        content = io.BytesIO()
        set_spawning_popen(self)
        try:
            reduction.dump({name: value for name, value in told.items() if name not in _MAIN}, content)
            reduction.dump(process_obj, content)
        finally:
            set_spawning_popen(None)
        self.sentinel, write_end = forkserver.connect_to_new_process(self._fds)  # ty: ignore[missing-attribute]
        # The process ends with its parent, which it knows by this end of the pipe.
        kept = os.dup(write_end)
        self.finalizer = util.Finalize(self, _close, (kept, self.sentinel))
        with os.fdopen(write_end, "wb") as pipe:
            pipe.write(content.getbuffer())
        self.pid = forkserver.read_signed(self.sentinel)


class _Process(ForkServerProcess):
    @staticmethod
    def _Popen(process_obj: BaseProcess) -> _Launched:  # noqa: N802 (multiprocessing's name)
        return _Launched(process_obj)


class WithoutMain(ForkServerContext):
    """Where processes are forks of a server, and know nothing of our main module."""

    Process = _Process
