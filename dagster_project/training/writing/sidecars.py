"""The two tables beside a dataset's rows: where each row came from, and why every other run is not there.

lineage.parquet: one row per exported row and distinct stretch of source bytes that took part in it.
refusals.parquet: one row per run that no exported row uses, with the one reason and the pass that found it.
"""

from collections.abc import Iterable, Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from dagster_project.training.batches import tables_of
from dagster_project.training.datasets import Dataset
from dagster_project.training.pool import release_memory
from dagster_project.training.texts.selected_texts import BATCH_ROWS
from dagster_project.training.workbench import Workbench
from dagster_project.training.writing.shards import PARQUET_OPTIONS

LINEAGE = pa.schema(
    {
        "lineage_id": pa.string(),
        "split": pa.string(),
        "row_number": pa.int64(),  # of the row within its split, from 0, the same in every flavour
        "organization_id": pa.string(),
        "run_id": pa.string(),
        "source_path": pa.string(),
        "source_file_sha256": pa.string(),
        "byte_offset": pa.int64(),  # in the decompressed file
        "byte_length": pa.int64(),
    }
)

REFUSALS = pa.schema(
    {"organization_id": pa.string(), "run_id": pa.string(), "pass": pa.string(), "reason": pa.string()}
)

MODEL_COLUMNS = ("model", "chosen_model", "rejected_model")

# Step by step: operators that stand in one statement share its memory, those of several have all of it in turn.
_WITH_VERDICTS: tuple[str, ...] = (
    """
    create table row_runs as
    select position, lineage_id, organization_id, unnest(list_distinct([$runs])) as run_id from examples
    """,
    """
    create table kept_examples as
    select position, split, $facts from examples anti join verdicts using (position)
    """,
    """
    create table kept as
    select position, split, row_number() over (partition by split order by position) - 1 as row_number
    from kept_examples
    """,
    """
    create table kept_runs (
        organization_id varchar, run_id varchar, lineage_id varchar, split varchar, row_number bigint
    )
    """,
    """
    insert into kept_runs
    select row_runs.organization_id, row_runs.run_id, row_runs.lineage_id, kept.split, kept.row_number
    from row_runs
    inner join kept on row_runs.position = kept.position
    where
        row_runs.position >= $first and row_runs.position < $last and kept.position >= $first and kept.position < $last
    """,
    "create table dropped_runs as from row_runs inner join verdicts using (position)",
    """
    create table unused_runs as
    select dropped_runs.*
    from dropped_runs
    anti join kept_runs
        on dropped_runs.organization_id = kept_runs.organization_id and dropped_runs.run_id = kept_runs.run_id
    """,
    "drop table dropped_runs",
    # A run that no kept row uses is refused by the first pass that dropped a row of it.
    """
    create table refused_runs as
    select organization_id, run_id, 'select' as pass, reason from refusals
    union all
    select organization_id, run_id, pass, reason
    from unused_runs
    qualify row_number() over (partition by organization_id, run_id order by pass_number, lineage_id) = 1
    """,
    "drop table unused_runs",
)

# Of paths the first by its number: the texts of a `min` lie outside of any bound, 1.3 GB of thirty million.
_PATHS: tuple[str, ...] = (
    "create table paths as select *, dense_rank() over (order by source_path nulls last) as path_number from ledger",
    "create table numbered_paths as select distinct path_number, source_path from paths",
)

# Of the rows of one stretch at a time: the joins and the sort of all have no room, and write everything three times.
_LINEAGE: tuple[str, ...] = (
    "create table lot as from kept_runs where lineage_id >= $low and coalesce(lineage_id < $high, true)",
    """
    create table found_sources as
    select found.*
    from (
        select organization_id, run_id, batch_id, source_file_sha256, byte_offset, byte_length from runs
        union all
        select organization_id, run_id, batch_id, source_file_sha256, byte_offset, byte_length from messages
        union all
        select organization_id, run_id, batch_id, source_file_sha256, byte_offset, byte_length from tool_calls
    ) as found
    semi join lot on found.organization_id = lot.organization_id and found.run_id = lot.run_id
    """,
    """
    create table sources as
    select
        found.organization_id, found.run_id, min(paths.path_number) as path_number, found.source_file_sha256,
        found.byte_offset, found.byte_length
    from found_sources as found
    left join paths on found.batch_id = paths.batch_id
    group by all
    """,
    "drop table found_sources",
    """
    create table row_sources as
    select
        lot.lineage_id, lot.split, lot.row_number, sources.organization_id, sources.run_id, numbered_paths.source_path,
        sources.source_file_sha256, sources.byte_offset, sources.byte_length
    from sources
    inner join lot on sources.organization_id = lot.organization_id and sources.run_id = lot.run_id
    left join numbered_paths on sources.path_number = numbered_paths.path_number
    """,
    "drop table sources",
    "drop table lot",
)
_RUNS_AT_ONCE = 250_000

_REFUSALS = "select * from refused_runs order by organization_id, run_id"


def add_verdicts(bench: Workbench, dataset: Dataset, verdicts: pa.Table) -> None:
    """Give the verdicts to the workbench: tables `kept_examples`, `kept`, `kept_runs`, `row_runs` and `refused_runs`.

    verdicts: position, pass, pass_number and reason of each row that is dropped.
    """
    facts = [column for column in (*MODEL_COLUMNS, dataset.kind_column) if column in dataset.facts]
    bench.connection.register("verdicts", verdicts)
    ((rows,),) = bench.rows("select count(*) from examples")
    for sql in _WITH_VERDICTS:
        named = sql.replace("$runs", ", ".join(dataset.run_columns)).replace("$facts", ", ".join(["task_hash", *facts]))
        bench.execute(named, rows=rows)
    bench.connection.unregister("verdicts")


def write_lineage(bench: Workbench, path: Path) -> int:
    """Write lineage.parquet; its row count."""
    for sql in _PATHS:
        bench.connection.execute(sql)
    # As one query gives them: pages of a file end where batches do.
    batches = (table.combine_chunks().to_batches()[0] for table in tables_of(_lineage(bench), size=BATCH_ROWS))
    return _write_batches(batches, path, LINEAGE)


def _lineage(bench: Workbench) -> Iterator[pa.RecordBatch]:
    for low, high in bench.stretches("kept_runs", "lineage_id", rows=_RUNS_AT_ONCE):
        for sql in _LINEAGE:
            bench.connection.execute(sql, {"low": low, "high": high} if "$low" in sql else None)
        yield from bench.batches("from row_sources order by all")
        bench.connection.execute("drop table row_sources")
        release_memory()


def write_refusals(bench: Workbench, path: Path) -> int:
    """Write refusals.parquet; its row count."""
    return _write_batches(bench.batches(_REFUSALS), path, REFUSALS)


def run_counts(bench: Workbench) -> tuple[int, int]:
    """How many runs the published snapshot has, and how many of them an exported row uses."""
    ((all_runs,),) = bench.rows("select count(*) from runs")
    ((used_runs,),) = bench.rows("select count(*) from runs semi join kept_runs using (organization_id, run_id)")
    return all_runs, used_runs


def _write_batches(batches: Iterable[pa.RecordBatch], path: Path, schema: pa.Schema) -> int:
    """Write the rows in row groups of a fixed size, however the engine hands them over."""
    rows = 0
    with pq.ParquetWriter(path, schema, **PARQUET_OPTIONS) as writer:
        for table in tables_of(batches, size=50_000):
            writer.write_table(table.cast(schema), row_group_size=50_000)
            rows += len(table)
    return rows
