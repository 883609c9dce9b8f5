"""The two tables beside a dataset's rows: where each row came from, and why every other run is not there.

lineage.parquet: one row per exported row and distinct stretch of source bytes that took part in it.
refusals.parquet: one row per run that no exported row uses, with the one reason and the pass that found it.
"""

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from dagster_project.training.batches import tables_of
from dagster_project.training.datasets import Dataset
from dagster_project.training.shards import PARQUET_OPTIONS
from dagster_project.training.workbench import Workbench

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

# Step by step: operators that stand in one statement share its memory, those of several have all of it in turn.
_WITH_VERDICTS: tuple[str, ...] = (
    """
    create table row_runs as
    select position, lineage_id, organization_id, unnest(list_distinct([$runs])) as run_id from examples
    """,
    """
    create table kept as
    select position, split, row_number() over (partition by split order by position) - 1 as row_number
    from examples
    anti join verdicts using (position)
    """,
    """
    create table kept_runs as
    select row_runs.organization_id, row_runs.run_id, row_runs.lineage_id, kept.split, kept.row_number
    from row_runs
    inner join kept on row_runs.position = kept.position
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

_LINEAGE: tuple[str, ...] = (
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
    semi join kept_runs on found.organization_id = kept_runs.organization_id and found.run_id = kept_runs.run_id
    """,
    "drop table messages",
    "drop table tool_calls",
    # Of paths the first by its number: the texts of a `min` lie outside of any bound, 1.3 GB of thirty million.
    "create table paths as select *, dense_rank() over (order by source_path nulls last) as path_number from ledger",
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
        kept_runs.lineage_id, kept_runs.split, kept_runs.row_number, sources.organization_id, sources.run_id,
        numbered.source_path, sources.source_file_sha256, sources.byte_offset, sources.byte_length
    from sources
    inner join kept_runs on sources.organization_id = kept_runs.organization_id and sources.run_id = kept_runs.run_id
    left join (select distinct path_number, source_path from paths) as numbered
        on sources.path_number = numbered.path_number
    """,
    "drop table sources",
)

_REFUSALS = "select * from refused_runs order by organization_id, run_id"


def add_verdicts(bench: Workbench, dataset: Dataset, verdicts: pa.Table) -> None:
    """Give the verdicts to the workbench as tables `kept`, `kept_runs`, `row_runs` and `refused_runs`.

    verdicts: position, pass, pass_number and reason of each row that is dropped.
    """
    bench.connection.register("verdicts", verdicts)
    for sql in _WITH_VERDICTS:
        bench.connection.execute(sql.replace("$runs", ", ".join(dataset.run_columns)))
    bench.connection.unregister("verdicts")


def write_lineage(bench: Workbench, path: Path) -> int:
    """Write lineage.parquet; its row count."""
    for sql in _LINEAGE:
        bench.connection.execute(sql)
    return _write_query(bench, "from row_sources order by all", path, LINEAGE)


def write_refusals(bench: Workbench, path: Path) -> int:
    """Write refusals.parquet; its row count."""
    return _write_query(bench, _REFUSALS, path, REFUSALS)


def run_counts(bench: Workbench) -> tuple[int, int]:
    """How many runs the published snapshot has, and how many of them an exported row uses."""
    ((all_runs,),) = bench.rows("select count(*) from runs")
    ((used_runs,),) = bench.rows("select count(*) from runs semi join kept_runs using (organization_id, run_id)")
    return all_runs, used_runs


def _write_query(bench: Workbench, sql: str, path: Path, schema: pa.Schema) -> int:
    """Write the query's rows in row groups of a fixed size, however the engine hands them over."""
    rows = 0
    with pq.ParquetWriter(path, schema, **PARQUET_OPTIONS) as writer:
        for table in tables_of(bench.batches(sql), size=50_000):
            writer.write_table(table.cast(schema), row_group_size=50_000)
            rows += len(table)
    return rows
