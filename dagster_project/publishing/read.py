"""Read the published snapshot with SQL from anywhere: nothing but its tables is in reach.

`read_only` alone is no sandbox: DuckDB would still read any file, load extensions and attach databases.
"""

import difflib
import re
import threading
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import duckdb
import pyarrow as pa

from dagster_project.errors import UsageError
from dagster_project.publishing.database import SPILL_LIMIT, reader_spill
from dagster_project.publishing.publish import current_link
from dagster_project.settings import Settings

MEMORY_LIMIT = "2GB"
"""Of one query connection; a larger sort or join spills to disk."""
THREADS = 4
TIMEOUT_S = 300.0
"""Seconds a query may take, reading its result included."""
_OPEN_ATTEMPTS = 20
_ROWS_AT_ONCE = 10_000

Opened = TypeVar("Opened")


def published_file(settings: Settings) -> Path:
    """The published snapshot's own file. Raises UsageError when nothing has been published."""
    link = current_link(settings)
    if not link.is_symlink():
        raise UsageError(
            f"Nothing has been published below {settings.home}.",
            remedy="Run `reliability run PATH...` first, or point RELIABILITY_HOME to the right data root.",
        )
    return link.resolve()


def open_published(
    settings: Settings, *, memory_limit: str = MEMORY_LIMIT, threads: int = THREADS
) -> duckdb.DuckDBPyConnection:
    """A connection that sees the published marts and nothing else: no file, network, extension or setting.

    Table names need no schema. The connection stays on its snapshot whatever is published meanwhile.
    Raises UsageError when nothing has been published.
    """
    return _with_newest(
        settings, lambda file: _open_hardened(settings, file, memory_limit=memory_limit, threads=threads)
    )


@contextmanager
def attached_published(settings: Settings, connection: duckdb.DuckDBPyConnection) -> Generator[None]:
    """The published marts within a database of our own, whose statements nobody else writes: by their names alone.

    What is made meanwhile needs the name of its database. Errors as in `open_published`.
    """
    _with_newest(settings, lambda file: _attach(connection, file))
    ((own,),) = connection.execute("select current_database()").fetchall()
    try:
        connection.execute("use published.marts")
        connection.execute("set TimeZone = 'UTC'")
        yield
    finally:
        connection.execute(f"use {own}.main")
        connection.execute("detach published")


def _with_newest(settings: Settings, opened: Callable[[Path], Opened]) -> Opened:
    """What is opened of the published file, or of a newer one: between resolving and opening, many publications may
    have passed.
    """
    for attempt in range(_OPEN_ATTEMPTS):
        file = published_file(settings)
        try:
            return opened(file)
        except duckdb.IOException:
            if attempt == _OPEN_ATTEMPTS - 1 or (file.exists() and published_file(settings) == file):
                raise
    raise AssertionError("unreachable")


def _attach(connection: duckdb.DuckDBPyConnection, file: Path) -> None:
    # ATTACH takes no parameter; the path is our own, quoted as a literal.
    connection.execute("attach '" + str(file).replace("'", "''") + "' as published (read_only)")


def _open_hardened(settings: Settings, file: Path, *, memory_limit: str, threads: int) -> duckdb.DuckDBPyConnection:
    """A database of its own in memory, with the file attached: connections of one process share no settings."""
    config: dict[str, str | bool | int | float | list[str]] = {
        "autoinstall_known_extensions": "false",
        "autoload_known_extensions": "false",
        "allow_community_extensions": "false",
        "python_enable_replacements": "false",  # else SQL could name the caller's Python variables
        "memory_limit": memory_limit,
        "threads": str(threads),
        "temp_directory": str(reader_spill(settings)),
        "max_temp_directory_size": SPILL_LIMIT,
    }
    connection = duckdb.connect(":memory:", config=config)
    try:
        _attach(connection, file)
        connection.execute("use published.marts")
        connection.execute("set TimeZone = 'UTC'")
        connection.execute("set enable_external_access = false")
        connection.execute("set lock_configuration = true")
    except duckdb.Error:
        connection.close()
        raise
    return connection


class Rows:
    """The result of one query, read in batches: `columns` are its names, iteration gives lists of tuples."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self._connection = connection
        self.columns: list[str] = [column[0] for column in connection.description or []]

    def __iter__(self) -> Iterator[list[tuple[Any, ...]]]:
        while batch := self._connection.fetchmany(_ROWS_AT_ONCE):
            yield batch


@contextmanager
def stream_query(
    settings: Settings, sql: str, parameters: Sequence[object] = (), *, timeout_s: float = TIMEOUT_S
) -> Generator[Rows]:
    """Run one read-only statement; its rows are computed while they are read.

    Raises UsageError for anything that is wrong with the statement, with the names that would have been right,
    and when it takes longer than `timeout_s` seconds.
    """
    with _running(settings, sql, parameters, timeout_s=timeout_s) as connection:
        yield Rows(connection)


def run_query(
    settings: Settings, sql: str, parameters: Sequence[object] = (), *, timeout_s: float = TIMEOUT_S
) -> pa.Table:
    """The whole result of one read-only statement as an Arrow table; errors as in `stream_query`."""
    with _running(settings, sql, parameters, timeout_s=timeout_s) as connection:
        return connection.to_arrow_table()


@contextmanager
def _running(
    settings: Settings, sql: str, parameters: Sequence[object], *, timeout_s: float
) -> Generator[duckdb.DuckDBPyConnection]:
    connection = open_published(settings)
    timer = threading.Timer(timeout_s, connection.interrupt)
    timer.daemon = True
    try:
        timer.start()
        _refuse_other_statements(sql)
        connection.execute(sql, list(parameters))
        yield connection
    except duckdb.InterruptException:
        raise UsageError(
            f"The query took longer than {timeout_s:g} seconds and was stopped.",
            remedy="Narrow it, or allow more time with --timeout.",
        ) from None
    except duckdb.Error as error:
        raise UsageError(
            f"The query cannot be run.\n{_first_lines(error)}\n", remedy=_remedy(settings, error)
        ) from None
    finally:
        timer.cancel()
        connection.close()


def _refuse_other_statements(sql: str) -> None:
    """One SELECT or EXPLAIN. (A PIVOT without a value list arrives as a CREATE of its own type and a SELECT.)"""
    statements = duckdb.extract_statements(sql)
    kinds = [statement.type for statement in statements]
    reading = (duckdb.StatementType.SELECT, duckdb.StatementType.EXPLAIN)
    if not kinds or kinds[-1] not in reading or any(kind != duckdb.StatementType.CREATE for kind in kinds[:-1]):
        found = ", ".join(kind.name for kind in kinds) or "no statement"
        raise UsageError(
            f"The published snapshot is only read, one SELECT at a time; this is {found}.",
            remedy="Write one SELECT statement.",
        )


def _first_lines(error: duckdb.Error) -> str:
    """DuckDB's own words without its guesses, which come from the system catalog as often as from ours."""
    lines = [line for line in str(error).splitlines() if not line.startswith("Did you mean")]
    return "\n".join(lines).strip()


def _remedy(settings: Settings, error: duckdb.Error) -> str:
    match = re.search(r"Table with name (.+?) does not exist", str(error))
    if not match:
        return "Correct the statement; `describe TABLE` lists a table's columns."
    names = _table_names(settings)
    close = difflib.get_close_matches(match.group(1).split(".")[-1].lower(), names, n=3, cutoff=0.5)
    suggestion = f"Did you mean {' or '.join(close)}? " if close else ""
    return f"{suggestion}Tables: {', '.join(names)}."


def snapshot_facts(settings: Settings) -> dict[str, int | str]:
    """What an operator asks first of the published snapshot: runs, quarantined units, rows, the time range."""
    sql = """
        select
            (select sum(estimated_size) from duckdb_tables() where database_name = 'published') as row_count,
            (select count(*) from agent_runs) as run_count,
            (select sum(quarantined_count) from landing_ledger) as quarantined_count,
            (select min(event_date) from agent_runs) as first_event_date,
            (select max(event_date) from agent_runs) as last_event_date
    """
    facts = run_query(settings, sql).to_pylist()[0]
    return {name: str(value) if name.endswith("_date") else int(value) for name, value in facts.items()
            if value is not None}  # fmt: skip


def _table_names(settings: Settings) -> list[str]:
    with open_published(settings) as connection:
        rows = connection.execute("select table_name from duckdb_tables() where database_name = 'published' order by 1")
        return [name for (name,) in rows.fetchall()]
