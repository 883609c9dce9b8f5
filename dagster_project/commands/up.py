"""`reliability up`: Dagster's webserver and daemon over the data root, schedule and sensor on."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from types import FrameType

import click

from dagster_project import durable
from dagster_project.errors import ReliabilityError
from dagster_project.instance import instance_environment, prepare_instance
from dagster_project.publishing.manifest import manifest_file
from dagster_project.settings import Settings

_STOP_SECONDS = 20.0
DEFINITIONS_MODULE = "dagster_project.definitions"


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address the webserver listens on.")
@click.option("--port", type=click.IntRange(1, 65535), default=3000, show_default=True)
def command(host: str, port: int) -> None:
    """Start Dagster's webserver and daemon; stop both with Ctrl-C.

    Files put into the inbox are processed within seconds, everything else every morning. Whoever reaches the
    webserver may start runs, and it asks for no password: keep it on this machine, or behind one that asks.
    """
    settings = Settings.from_environment()
    prepare_instance(settings)
    durable.make_folder(settings.inbox)
    manifest_file(settings)  # parsed once here instead of by each process
    click.echo(f"Dagster is starting on http://{host}:{port}; put log files into {settings.inbox}", err=True)
    status = supervise(
        [
            [program("dagster-webserver"), "-h", host, "-p", str(port), "-m", DEFINITIONS_MODULE],
            [program("dagster-daemon"), "run", "-m", DEFINITIONS_MODULE],
        ],
        environment=instance_environment(settings),
    )
    if status:
        raise ReliabilityError(
            f"One of Dagster's processes ended by itself with status {status}; the other was stopped.",
            remedy="Its last words are above.",
        )


def program(name: str) -> str:
    """The program of our own environment, whatever PATH says."""
    return str(Path(sys.executable).with_name(name))


def supervise(commands: Sequence[Sequence[str]], *, environment: dict[str, str]) -> int:
    """Run the commands until one ends or we are told to stop; then stop them all.

    Returns 0 when told to stop, else the status of the one that ended. Each runs in a session of its own, so that
    its own children are stopped with it and Ctrl-C reaches them once, from here.
    """
    is_told = False

    def stop(_signal: int, _frame: FrameType | None) -> None:
        nonlocal is_told
        is_told = True

    previous = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
    processes: list[subprocess.Popen[bytes]] = []
    try:
        processes = [subprocess.Popen(command, env=environment, start_new_session=True) for command in commands]
        while not is_told and all(process.poll() is None for process in processes):
            time.sleep(0.2)
        return 0 if is_told else next(process.returncode or 1 for process in processes if process.poll() is not None)
    finally:
        _stop(processes)
        for number, handler in previous.items():
            signal.signal(number, handler)


def _stop(processes: Sequence[subprocess.Popen[bytes]]) -> None:
    """Ask each process to stop, wait, then end what is left of its session."""
    for process in processes:
        if process.poll() is None:
            process.send_signal(signal.SIGINT)
    deadline = time.monotonic() + _STOP_SECONDS
    for process in processes:
        try:
            process.wait(timeout=max(0.1, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            process.terminate()
    for process in processes:
        try:
            os.killpg(process.pid, signal.SIGTERM)
        except ProcessLookupError:
            continue
