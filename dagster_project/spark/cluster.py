"""A standalone Spark cluster on this machine's loopback: a master and two workers, each a process that may die."""

import ctypes
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Generator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from dagster_project.errors import ReliabilityError

HOST = "127.0.0.1"
WORKERS = 2
_START_S = 60.0
_LIFETIME_S = 3600.0
_PR_SET_PDEATHSIG = 1


@dataclass(frozen=True, kw_only=True)
class Cluster:
    """A running cluster: `address` is what Spark calls the master."""

    address: str
    workers: tuple[subprocess.Popen[bytes], ...]

    def kill_worker(self) -> None:
        """Kill the first worker and whatever it runs, as a machine dies: without a word to anyone."""
        os.killpg(self.workers[0].pid, signal.SIGKILL)
        self.workers[0].wait()


@contextmanager
def loopback_cluster(folder: Path) -> Generator[Cluster]:
    """Start a master and two workers of one core and 1 GiB each; end them all at the end, and after an hour.

    They end with this process too, however it does. Logs and the workers' files go below `folder`. Raises
    ReliabilityError when they do not come up.
    """
    folder.mkdir(parents=True, exist_ok=True)
    port = _free_port()
    address = f"spark://{HOST}:{port}"
    with ExitStack() as stack:
        place = ["--host", HOST, "--port", str(port), "--webui-port", "0"]
        _start(stack, folder / "master.log", ["org.apache.spark.deploy.master.Master", *place])
        _await_log(folder / "master.log", "I have been elected leader")
        workers = tuple(_start_worker(stack, folder, address, number) for number in range(1, WORKERS + 1))
        for number in range(1, WORKERS + 1):
            _await_log(folder / f"worker-{number}.log", "Successfully registered with master")
        limit = threading.Timer(_LIFETIME_S, stack.close)
        limit.daemon = True
        limit.start()
        stack.callback(limit.cancel)
        yield Cluster(address=address, workers=workers)


def _start_worker(stack: ExitStack, folder: Path, address: str, number: int) -> subprocess.Popen[bytes]:
    size = ["--cores", "1", "--memory", "1g", "--webui-port", "0", "--work-dir", str(folder / f"worker-{number}")]
    arguments = ["org.apache.spark.deploy.worker.Worker", "--host", HOST, *size, address]
    return _start(stack, folder / f"worker-{number}.log", arguments)


def _start(stack: ExitStack, log: Path, arguments: list[str]) -> subprocess.Popen[bytes]:
    # In a session of its own: its executors die with it, and a key pressed here does not reach it.
    process = subprocess.Popen(
        [str(_spark_home() / "bin" / "spark-class"), *arguments],
        stdin=subprocess.DEVNULL,
        stdout=stack.enter_context(log.open("wb")),
        stderr=subprocess.STDOUT,
        env={**os.environ, "SPARK_LOCAL_IP": HOST, "SPARK_DAEMON_MEMORY": "256m", "PYSPARK_PYTHON": sys.executable},
        start_new_session=True,
        preexec_fn=_die_with_parent,
    )
    stack.callback(_end, process)
    return process


def _die_with_parent() -> None:
    """Linux ends the new process when this one is killed."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


def _end(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGTERM)
        try:
            process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def _await_log(log: Path, words: str) -> None:
    deadline = time.monotonic() + _START_S
    while words not in log.read_text(encoding="utf-8", errors="replace"):
        if time.monotonic() > deadline:
            raise ReliabilityError(f"Spark's {log.stem} did not start.", remedy=f"What it said is in {log}.")
        time.sleep(0.2)


def _spark_home() -> Path:
    spec = find_spec("pyspark")
    assert spec is not None and spec.origin is not None  # the extra is required before a cluster is started
    return Path(spec.origin).parent


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return probe.getsockname()[1]
