"""A scratch database of one export: the selection out of the published snapshot, joined to the texts it needs.

It lies on disk and spills, so that memory stays bounded whatever is exported. Belongs here: SQL over the selection
and the payload files. Does not: the statements themselves, what becomes of a text.
"""

from collections.abc import Generator, Iterator
from contextlib import contextmanager
from itertools import zip_longest
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa

from dagster_project.settings import Settings
from dagster_project.training.copying import copy_selection
from dagster_project.training.datasets import Dataset
from dagster_project.training.pool import release_memory
from dagster_project.training.selections import SELECTIONS
from dagster_project.training.statements import (
    BOUNDS,
    EXAMPLES_BETWEEN,
    NUMBERED_EXAMPLES,
    NUMBERED_PARTS,
    NUMBERS,
    PARTS,
    PARTS_BETWEEN,
    PROTECTED_PLACES,
    PROTECTED_TEXTS,
    SORTED,
    SPAN_MESSAGES,
)
from dagster_project.training.texts.selected_texts import BATCH_ROWS, read_texts
from dagster_project.training.texts.text_file import open_texts

MEMORY_LIMIT = "400MB"
"""Of the scratch database; sorts and joins beyond it go to disk."""
JOIN_LIMIT = "250MB"
"""While verdicts and lineage are joined, a quarter of a million rows at a time."""
RESTING_LIMIT = "120MB"
"""While other processes work: enough to read a lot of rows from its place."""
SORTED_AT_ONCE = 1_000_000
"""Rows of some hundred bytes. A sort of ten million has no memory to merge what it has put aside."""
JOINED_AT_ONCE = 1_000_000
"""Rows of either side of a join by number: a build over all of ten million has most of the memory, and spills."""
_READ_AT_ONCE = 50_000
_LOTS_UNTIL_RELEASE = 10
"""What reading a lot frees lies scattered: after 600 lots it held 250 MB, and giving it back takes 3 ms."""


class Workbench:
    """The scratch database, filled. Tables: examples, ordered_parts, messages, tool_calls, runs, refusals,
    ledger, build. `texts` is the file that holds the texts.
    """

    def __init__(self, connection: duckdb.DuckDBPyConnection, texts: Path) -> None:
        self.connection = connection
        self.texts = texts

    def batches(self, sql: str) -> Iterator[pa.RecordBatch]:
        """The query's rows in bounded batches; other statements may run meanwhile."""
        with self.connection.cursor() as cursor:
            yield from cursor.execute(sql).to_arrow_reader(BATCH_ROWS)

    def rows(self, sql: str, **tables: pa.Table) -> list[tuple]:
        """The query's rows; `tables` are known to it by their names."""
        with self.connection.cursor() as cursor:
            for name, table in tables.items():
                cursor.register(name, table)
            return cursor.execute(sql).fetchall()

    def columns(self, sql: str, **parameters: object) -> list[np.ndarray]:
        """The query's columns, numbers without null: of ten million rows a tenth of what tuples take."""
        with self.connection.cursor() as cursor:
            return [np.asarray(values) for values in cursor.execute(sql, parameters or None).fetchnumpy().values()]

    def execute(self, sql: str, *, rows: int) -> None:
        """Run the statement; one that says `$first` and `$last`, of every lot of that many rows."""
        if "$first" not in sql:
            self.connection.execute(sql)
            return
        for first in range(0, rows, JOINED_AT_ONCE):
            self.connection.execute(sql, {"first": first, "last": first + JOINED_AT_ONCE})

    def protected_texts(self) -> list[dict[str, Any]]:
        """suite_id, task_id and text of what users open protected tasks with, where it was kept."""
        with open_texts(self.texts) as texts:
            return [
                {"suite_id": suite_id, "task_id": task_id, "text": texts.read(*place)}
                for suite_id, task_id, *place in self.rows(PROTECTED_TEXTS)
            ]

    def tasks_of(self, positions: list[int]) -> dict[int, tuple[str | None, str]]:
        """Suite and task of the rows at these positions."""
        table = pa.table({"position": pa.array(positions, pa.int64())})
        rows = self.rows(
            "select position, suite_id, task_hash from examples semi join asked using (position)", asked=table
        )
        return {position: (suite_id, task_hash) for position, suite_id, task_hash in rows}

    def chunks(self, size: int) -> Iterator[tuple[pa.Table, pa.Table]]:
        """The examples in the order of export, `size` at a time, each lot with all their parts."""
        ((count,),) = self.rows("select count(*) from examples")
        for lot, first in enumerate(range(0, count, size)):
            if lot % _LOTS_UNTIL_RELEASE == 0:
                release_memory()
            with self.connection.cursor() as cursor:
                examples, parts = (
                    cursor.execute(sql, [first, first + size]).to_arrow_table()
                    for sql in (EXAMPLES_BETWEEN, PARTS_BETWEEN)
                )
            yield examples, parts

    def examples_in_order(self, columns: str) -> Iterator[pa.Table]:
        """These columns of the examples in the order of export, some rows at a time: they lie in it already."""
        ((count,),) = self.rows("select count(*) from examples")
        for first in range(0, count, _READ_AT_ONCE):
            with self.connection.cursor() as cursor:
                yield cursor.execute(
                    f"select {columns} {EXAMPLES_BETWEEN}", [first, first + _READ_AT_ONCE]
                ).to_arrow_table()

    def order_parts(self) -> None:
        """Make `ordered_parts`, of which a lot lies in one place, out of `parts` and `texts`."""
        for statement in NUMBERED_PARTS:
            self.connection.execute(statement)
        self.sort("ordered_parts")

    def stretches(self, table: str, key: str, *, rows: int) -> Iterator[tuple[str, str | None]]:
        """From which key, and to below which, there are about so many rows of the table; None is the end."""
        step = max(1, rows // 1_000)
        sql = BOUNDS.format(key=key, table=table, step=step, keys=rows // step)
        bounds = [bound for (bound,) in self.rows(sql)]
        return zip_longest(bounds, bounds[1:])

    def number(self) -> int:
        """Make `numbers`, the position of each selected row in the order of export; how many there are."""
        self.connection.execute("create table numbers (place bigint, position bigint)")
        rows = 0
        for low, high in self.stretches("selected", "sort_key", rows=SORTED_AT_ONCE):
            ((added,),) = self.connection.execute(NUMBERS, [rows, low, high]).fetchall()
            rows += added
        return rows

    def sort(self, table: str) -> None:
        """Make the table out of the rows that have their position, some at a time."""
        source, order = SORTED[table]
        ((rows, last),) = self.rows(f"select count(*), coalesce(max(position), 0) from {source}")  # noqa: S608
        lots = 1 + rows // SORTED_AT_ONCE
        size = 1 + last // lots
        self.connection.execute(f"create table {table} as from {source} limit 0")
        for lot in range(lots):
            self.connection.execute(
                f"insert into {table} from {source} where position >= ? and position < ? order by {order}",
                [lot * size, (lot + 1) * size],
            )
            release_memory()
        self.connection.execute(f"drop table {source}")

    def forget_texts(self) -> None:
        """Every row has been worked on: what they were made of takes as much disk as the export."""
        self.texts.unlink()
        self.connection.execute("drop table ordered_parts")

    @contextmanager
    def at_rest(self, limit: str = RESTING_LIMIT) -> Generator[None]:
        """Other processes work, and this one holds no more than reading a lot of rows takes; or than the limit."""
        self.connection.execute(f"set memory_limit = '{limit}'")
        release_memory()
        try:
            yield
        finally:
            self.connection.execute(f"set memory_limit = '{MEMORY_LIMIT}'")


@contextmanager
def open_workbench(settings: Settings, dataset: Dataset, *, folder: Path, threads: int) -> Generator[Workbench]:
    """Fill a scratch database in the folder. Raises UsageError when nothing is published or its texts are gone."""
    config: dict[str, str | bool | int | float | list[str]] = {
        "memory_limit": MEMORY_LIMIT,
        "threads": str(threads),
        "temp_directory": str(folder / "spill"),
        "preserve_insertion_order": "false",
        "python_enable_replacements": "false",
    }
    with duckdb.connect(str(folder / "work.duckdb"), config=config) as connection:
        bench = Workbench(connection, folder / "texts.bin")
        copy_selection(settings, dataset, connection)
        rows = bench.number()
        for statement in NUMBERED_EXAMPLES:
            bench.execute(statement, rows=rows)
        release_memory()
        bench.sort("examples")
        spans = SELECTIONS[dataset.name].spans
        given = SELECTIONS[dataset.name].texts
        tables = {"spans": spans, "span_messages": SPAN_MESSAGES, "given_texts": given, "parts": PARTS}
        for table, sql in tables.items():
            connection.execute(f"create table {table} as {sql}")
        for table in ("selected", "numbers", "spans", "span_messages", "given_texts", "calls"):
            connection.execute(f"drop table {table}")
        read_texts(settings, connection, bench.texts)
        connection.execute(PROTECTED_PLACES)
        bench.order_parts()
        yield bench
