"""A scratch database of one export: the selection out of the published snapshot, joined to the texts it needs.

It lies on disk and spills, so that memory stays bounded whatever is exported. Belongs here: SQL over the selection
and the payload files. Does not: what becomes of a text.
"""

from collections.abc import Generator, Iterable, Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa

from dagster_project.errors import UsageError
from dagster_project.settings import Settings
from dagster_project.snapshots import read_snapshot
from dagster_project.training.copying import copy_selection
from dagster_project.training.datasets import Dataset
from dagster_project.training.selections import SELECTIONS
from dagster_project.training.text_file import open_texts, write_texts

MEMORY_LIMIT = "400MB"
"""Of the scratch database; sorts and joins beyond it go to disk."""
BATCH_ROWS = 2_048
"""Rows handed to Python at once: with texts of 2 kB a few megabytes."""
TEXTS_OF_A_LOT = 4_000_000
"""Texts that are looked for in one pass over the files: their keys take some 100 MB."""
_BATCHES_AT_ONCE = 64
_SPAN_MESSAGES = """
    select spans.lineage_id, spans.side, spans.side_order, messages.organization_id, messages.run_id, messages.seq,
        messages.role, messages.tool_call_ids, messages.content_sha256
    from spans
    inner join messages
        on
            spans.organization_id = messages.organization_id
            and spans.run_id = messages.run_id
            and coalesce(spans.first_seq, messages.seq) <= messages.seq
            and messages.seq <= spans.last_seq
"""

_PARTS = """
    select lineage_id, side, side_order, organization_id, seq, 0 as call_number, role,
        tool_call_ids[1] as tool_call_id, cast(null as varchar) as tool_name, content_sha256 as text_sha256
    from span_messages
    union all
    select span_messages.lineage_id, side, side_order, span_messages.organization_id, seq, calls.call_number, role,
        calls.tool_call_id, calls.tool_name, calls.arguments_sha256
    from span_messages
    inner join calls
        on
            span_messages.organization_id = calls.organization_id
            and span_messages.run_id = calls.run_id
            and span_messages.seq = calls.message_seq
    union all
    select lineage_id, side, side_order, organization_id, seq, 0, role, cast(null as varchar), cast(null as varchar),
        text_sha256
    from given_texts
"""

# Only a text that still has the hash its fact carries is a text at all. Nothing here may hold back the texts, for there
# is no memory for them: a subquery about each row (`not exists`) does, and so does a join by two texts that is larger
# than memory. A join by a number is not, by a lot of them at a time; that two keys have the same one lets in a text
# that no part names.
_TEXTS = """
    select payloads.organization_id, payloads.sha256, payloads.text
    from read_parquet($files) as payloads
    left join (
        select organization_id, max(as_of) as as_of from last_days group by organization_id
    ) as days on payloads.organization_id = days.organization_id
    where
        hash(payloads.organization_id, payloads.sha256) % $lots = $lot
        and hash(payloads.organization_id, payloads.sha256) in (
            select hash(organization_id, text_sha256) from parts
            where hash(organization_id, text_sha256) % $lots = $lot
            union all
            select hash(organization_id, content_sha256) from protected_prompts
        )
        and sha256(payloads.text) = payloads.sha256
        and not coalesce(payloads.expires_on <= days.as_of, false)
"""

# A text may have been landed several times.
_TEXT_PLACES = """
    create table texts as
    select organization_id, sha256, min(first_byte) as first_byte, min(byte_count) as byte_count
    from text_places
    group by organization_id, sha256
"""

# Ordered by the content's own hash: equal rows meet, and the order is a shuffle that never changes. The empty text
# is known by its hash alone. Step by step, into tables: two joins and a sort share the memory of one statement, as do
# queries that are read from at once.
_ORDERED_PARTS = (
    """
    create table placed_parts as
    select
        parts.lineage_id, parts.side, parts.side_order, parts.seq, parts.call_number, parts.role, parts.tool_call_id,
        parts.tool_name, parts.text_sha256 is not null as needs_text,
        case when parts.text_sha256 = $empty then 0 else texts.first_byte end as first_byte,
        case when parts.text_sha256 = $empty then 0 else texts.byte_count end as byte_count
    from parts
    left join texts
        on parts.organization_id = texts.organization_id and parts.text_sha256 = texts.sha256
    """.replace("$empty", "'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'"),
    """
    create table numbered_parts as
    select examples.position, placed_parts.* exclude (lineage_id)
    from placed_parts
    inner join examples on placed_parts.lineage_id = examples.lineage_id
    """,
    "create table ordered_parts as from numbered_parts order by position, side_order, seq, call_number",
)

# Sorted are the keys alone to number them: a window over whole rows takes five times as long. In a statement of its
# own, as those that stand in one share its memory.
_NUMBERS = """
    create table numbers as
    select rowid as place, row_number() over (order by sort_key, lineage_id) - 1 as position from selected
"""

# Rows lie in their order, so that a lot of them is read from its own place.
_EXAMPLES = """
    create table examples as
    select selected.*, numbers.position
    from selected
    inner join numbers on selected.rowid = numbers.place
    order by numbers.position
"""

_EXAMPLES_BETWEEN = "from examples where position >= ? and position < ? order by position"
_PARTS_BETWEEN = """
    select * exclude (side_order) from ordered_parts
    where position >= ? and position < ?
    order by position, side_order, seq, call_number
"""

_PROTECTED_TEXTS = """
    select protected_prompts.suite_id, protected_prompts.task_id, texts.first_byte, texts.byte_count
    from protected_prompts
    inner join texts
        on
            protected_prompts.organization_id = texts.organization_id
            and protected_prompts.content_sha256 = texts.sha256
    order by protected_prompts.suite_id, protected_prompts.task_id, texts.sha256
"""

QUERIES: tuple[str, ...] = (
    *(one.spans + one.texts for one in SELECTIONS.values()),
    _SPAN_MESSAGES,
    _PARTS,
    _TEXTS,
    *_ORDERED_PARTS,
)
"""Every statement that decides a row's texts: their hash stands in the manifest."""


class Workbench:
    """The scratch database, filled. Tables: examples, parts, texts, runs, refusals, ledger, build.

    `texts` is the file that holds the texts; the table of that name says where.
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

    def protected_texts(self) -> list[dict[str, Any]]:
        """suite_id, task_id and text of what users open protected tasks with, where it was kept."""
        with open_texts(self.texts) as texts:
            return [
                {"suite_id": suite_id, "task_id": task_id, "text": texts.read(*place)}
                for suite_id, task_id, *place in self.rows(_PROTECTED_TEXTS)
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
        for statement in _ORDERED_PARTS:
            self.connection.execute(statement)
        ((count,),) = self.rows("select count(*) from examples")
        for first in range(0, count, size):
            with self.connection.cursor() as cursor:
                examples, parts = (
                    cursor.execute(sql, [first, first + size]).to_arrow_table()
                    for sql in (_EXAMPLES_BETWEEN, _PARTS_BETWEEN)
                )
            yield examples, parts


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
        copy_selection(settings, dataset, connection)
        connection.execute(_NUMBERS)
        connection.execute(_EXAMPLES)
        spans = SELECTIONS[dataset.name].spans
        given = SELECTIONS[dataset.name].texts
        tables = {"spans": spans, "span_messages": _SPAN_MESSAGES, "given_texts": given, "parts": _PARTS}
        for table, sql in tables.items():
            connection.execute(f"create table {table} as {sql}")
        _read_texts(settings, connection, folder / "texts.bin")
        yield Workbench(connection, folder / "texts.bin")


def _read_texts(settings: Settings, work: duckdb.DuckDBPyConnection, path: Path) -> None:
    """Texts out of exactly the payload files that the build's snapshot names, into the file."""
    ((number,),) = work.execute("select snapshot_number from build").fetchall()
    files = [str(settings.home / file.path) for file in read_snapshot(settings, number).files("payloads")]
    gone = [file for file in files if not Path(file).exists()]
    if gone:
        raise UsageError(
            f"{len(gone)} payload files of the published build are gone, the first is {gone[0]}.",
            remedy="Build and publish again: `reliability build && reliability publish`.",
        )
    work.execute(
        "create table text_places (organization_id varchar, sha256 varchar, first_byte bigint, byte_count bigint)"
    )
    path.touch()
    if files:
        for place in _joined(write_texts(path, _texts(work, files))):
            work.register("found_places", place)
            work.execute("insert into text_places from found_places")
            work.unregister("found_places")
    work.execute(_TEXT_PLACES)
    work.execute("drop table text_places")


def _texts(work: duckdb.DuckDBPyConnection, files: list[str]) -> Iterator[pa.RecordBatch]:
    """The texts that parts ask for, in as many passes over the files as keep those asked for in memory."""
    ((count,),) = work.execute("select count(*) from parts").fetchall()
    lots = 1 + count // TEXTS_OF_A_LOT
    for lot in range(lots):
        with work.cursor() as cursor:
            asked = {"files": files, "lots": lots, "lot": lot}
            yield from cursor.execute(_TEXTS, asked).to_arrow_reader(BATCH_ROWS)


def _joined(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.Table]:
    """Tables of many batches: each statement costs a millisecond."""
    remaining = iter(batches)
    while lot := list(islice(remaining, _BATCHES_AT_ONCE)):
        yield pa.Table.from_batches(lot)
