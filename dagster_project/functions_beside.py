"""SQL functions answered by a process beside the one that runs the queries: what they read and do is Python's work.

dbt is a process of Python too: patterns and a model made ready in it, and texts judged by them, hold up every model
and test that could run meanwhile. `python -m dagster_project.functions_beside` answers for as long as it is asked.
"""

import functools
import io
import subprocess
import sys
import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager, suppress
from typing import IO, Any, TypeAlias

import duckdb
import pyarrow as pa

from dagster_project.failures import functions as failure_functions
from dagster_project.without_pandas import pandas_left_out

Function: TypeAlias = Callable[..., pa.Array]
_ANSWER = "answer"
_ERROR = b"error"


class Beside:
    """A process that answers. Queries of several threads ask in turn."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self.process = process
        self._one_at_a_time = threading.Lock()

    def answering(self, name: str, here: Function) -> Function:
        """What DuckDB may call in place of the function of that name; raises RuntimeError when that fails."""

        @functools.wraps(here)  # DuckDB counts parameters
        def ask(*columns: pa.ChunkedArray) -> pa.Array:
            asked = pa.Table.from_arrays(list(columns), names=list(map(str, range(len(columns)))))
            answer = self._answer(asked.replace_schema_metadata({_ANSWER: name}))
            if error := (answer.schema.metadata or {}).get(_ERROR):
                raise RuntimeError(error.decode())
            return answer[_ANSWER].combine_chunks()

        return ask

    def _answer(self, asked: pa.Table) -> pa.Table:
        assert self.process.stdin and self.process.stdout
        with self._one_at_a_time:
            try:
                _send(self.process.stdin, asked)
                return pa.ipc.open_stream(self.process.stdout).read_all()
            except (OSError, pa.ArrowInvalid) as error:
                raise RuntimeError("the process that answers SQL functions has ended") from error


@contextmanager
def answered_beside() -> Generator[Beside]:
    """Start the process; it makes ready what it needs while others do something else, and ends with this."""
    command = [sys.executable, "-P", "-m", __name__]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        try:
            yield Beside(process)
        finally:
            process.kill()  # it may still be making ready what nobody asked for; what it keeps, it keeps whole
            with suppress(BrokenPipeError):  # what it was asked when it had ended
                process.communicate()


def main() -> None:
    """Answer until nobody is left to ask."""
    functions: dict[str, Function] = {}

    def remember(name: str, here: Function) -> Function:
        functions[name] = here
        return here

    with duckdb.connect() as connection:
        failure_functions.register(connection, by=remember)
    asked, answers = io.BufferedReader(io.FileIO(0)), sys.stdout.buffer
    sys.stdout = sys.stderr  # nothing but answers goes there
    failure_functions.make_ready()
    while asked.peek(1):
        table = pa.ipc.open_stream(asked).read_all()
        _send(answers, _answer(functions, table))


def _answer(functions: dict[str, Function], asked: pa.Table) -> pa.Table:
    name = (asked.schema.metadata or {})[_ANSWER.encode()].decode()
    try:
        return pa.table({_ANSWER: functions[name](*asked.columns)})
    except Exception as error:  # whoever asked raises it
        return pa.table({_ANSWER: []}).replace_schema_metadata({_ERROR: f"{type(error).__name__}: {error}"})


def _send(stream: IO[Any], table: pa.Table) -> None:
    with pa.ipc.new_stream(stream, table.schema) as writer:
        writer.write_table(table)
    stream.flush()


if __name__ == "__main__":
    with pandas_left_out():
        main()
