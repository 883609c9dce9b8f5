"""What must hold between a dataset's rows, its lineage and its refusals."""

import tempfile
from functools import reduce
from itertools import accumulate, groupby
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from dagster_project.training.datasets import Dataset
from dagster_project.training.pool import release_memory
from dagster_project.training.verification.faults import Faults
from dagster_project.training.verification.stated import judge_stated_rows
from dagster_project.training.writing.manifest import Manifest
from dagster_project.training.writing.shards import FileFacts

MEMORY_LIMIT = "250MB"
"""Of the database that verifies: what ten million rows need beyond it goes to disk, in the same time."""

_BATCH_ROWS = 50_000
_FILES_AT_ONCE = 8
"""Whose footers are held: those of the files of ten million rows take 70 MB as they are written, and more when read."""


def judge_tables(folder: Path, dataset: Dataset, manifest: Manifest, faults: Faults) -> None:
    """What must hold between rows, lineage and refusals."""
    shards = [facts for facts in manifest.files if facts.path.startswith("canonical/")]
    rows = [str(folder / facts.path) for facts in shards]
    _judge_lineage_order(folder / "lineage.parquet", faults)
    release_memory()
    with tempfile.TemporaryDirectory(prefix="verify-") as spill:
        _write_facts(Path(spill) / "facts", rows, _firsts(shards), dataset)
        release_memory()
        _judge_together(folder, Path(spill), rows, dataset, manifest, faults)


def _write_facts(facts: Path, rows: list[str], firsts: list[int], dataset: Dataset) -> None:
    """What is compared of each row, and a hash of what it says, as files without texts.

    By a database of its own, a few files at a time: what it holds of texts and of footers goes with it.
    """
    named = _ROWS.format(runs=", ".join(dataset.run_columns), said=", ".join(dataset.sides))
    facts.mkdir()
    for first in range(0, len(rows), _FILES_AT_ONCE):
        lot = slice(first, first + _FILES_AT_ONCE)
        with _database(facts.parent) as connection:
            found = connection.execute(named, {"rows": rows[lot], "firsts": firsts[lot]})
            batches = found.to_arrow_reader(_BATCH_ROWS)
            with pq.ParquetWriter(facts / f"{first}.parquet", batches.schema) as writer:
                for batch in batches:
                    writer.write_batch(batch)


def _judge_together(
    folder: Path, spill: Path, rows: list[str], dataset: Dataset, manifest: Manifest, faults: Faults
) -> None:
    with _database(spill) as connection:
        connection.execute(_LINEAGE, [str(folder / "lineage.parquet")])
        connection.execute("create table refusals as from read_parquet(?)", [str(folder / "refusals.parquet")])
        connection.execute(_NO_ROWS)
        if rows:
            connection.execute("insert into dataset_rows from read_parquet(?)", [str(spill / "facts" / "*.parquet")])
            judge_stated_rows(connection, rows, dataset, manifest, faults)
        for code, where, detail, sql in _TABLE_CHECKS:
            for (found,) in connection.execute(sql).fetchall():
                faults.add(code, where, f"{detail}: {found}")
        passes = [one.name for one in manifest.passes]
        for (found,) in connection.execute(_UNKNOWN_PASS, [passes]).fetchall():
            faults.add("refusal_without_reason", "refusals.parquet", f"there is no pass {found!r}")
        refused = dict(connection.execute("select reason, count(*) from refusals group by 1 order by 1").fetchall())
        if rows and "label" in dataset.facts and connection.execute(_TRAIN_LABELS, [rows]).fetchall() != [(2,)]:
            faults.add("one_class", "canonical", "the rows of train do not have both labels")
        used = _count(connection, "select count(*) from (select distinct organization_id, run_id from lineage)")
    runs = manifest.runs
    if refused != runs.refused:
        faults.add("refusals_differ", "refusals.parquet", "the reasons are not counted as the manifest says")
    if used != runs.used or runs.runs_in != used + sum(refused.values()):
        faults.add(
            "refusals_differ",
            "refusals.parquet",
            f"{runs.runs_in} runs are not {used} used and {sum(refused.values())} refused",
        )


def _judge_lineage_order(path: Path, faults: Faults) -> None:
    """Every stretch of bytes once, ordered by lineage_id and then by the rest: what is there twice is side by side."""
    last: list[pa.RecordBatch] = []
    # What is read ahead stays in memory until all is read.
    for batch in pq.ParquetFile(path, pre_buffer=False).iter_batches(batch_size=_BATCH_ROWS, use_threads=False):
        table = pa.Table.from_batches([*last, batch])
        earlier, later = table.slice(0, len(table) - 1), table.slice(1)
        same = [pc.call_function("equal", [earlier[name], later[name]]) for name in table.column_names]
        repeats = reduce(lambda one, other: pc.call_function("and", [one, other]), same)
        descends = pc.call_function("less", [later["lineage_id"], earlier["lineage_id"]])
        for code, is_wrong, detail in (
            ("lineage_repeated", repeats, "the same stretch of bytes twice"),
            ("lineage_unordered", descends, "not ordered by lineage_id"),
        ):
            for found in later["lineage_id"].filter(is_wrong, null_selection_behavior="drop").to_pylist():
                faults.add(code, path.name, f"{detail}: {found}")
        last = [batch.slice(len(batch) - 1)]


def _firsts(shards: list[FileFacts]) -> list[int]:
    """For each file the place of its first row within its split."""
    firsts: list[int] = []
    for _, own in groupby(shards, key=lambda facts: facts.path.rpartition("/")[2].partition("-")[0]):
        firsts += accumulate((facts.rows or 0 for facts in own), initial=0)
        firsts.pop()
    return firsts


def _database(spill: Path) -> duckdb.DuckDBPyConnection:
    """A database whose memory is bounded, however many rows there are."""
    return duckdb.connect(config={"memory_limit": MEMORY_LIMIT, "temp_directory": str(spill), "threads": "2"})


def _count(connection: duckdb.DuckDBPyConnection, sql: str) -> Any:
    return connection.execute(sql).fetchall()[0][0]


# Of a run's stretches of bytes only that all of them are whole has to be known.
_LINEAGE = """
    create table lineage as
    select
        lineage_id, organization_id, split, row_number, run_id,
        bool_or(
            source_path is null or byte_offset is null or byte_offset < 0 or byte_length is null or byte_length <= 0
            or not coalesce(regexp_full_match(source_file_sha256, '[0-9a-f]{64}'), false)
        ) as is_incomplete
    from read_parquet(?)
    group by all
"""

_ROWS = """
    select
        lineage_id, organization_id, task_hash, split_group, list_value({runs}) as run_ids,
        regexp_extract(filename, '([a-z]+)-[0-9]+-of-[0-9]+[.]parquet$', 1) as split,
        list_extract($firsts, list_position($rows, filename)) + file_row_number as row_number,
        hash({said}) as said
    from read_parquet($rows, filename = true, file_row_number = true)
"""

_TRAIN_LABELS = """
    select count(distinct label) from read_parquet(?, filename = true) where filename like '%/train-%'
"""

_UNKNOWN_PASS = 'select distinct "pass" from refusals where not coalesce(list_contains(?, "pass"), false) order by 1'

_NO_ROWS = """
    create table dataset_rows (
        lineage_id varchar, organization_id varchar, task_hash varchar, split_group varchar, run_ids varchar[],
        split varchar, row_number bigint, said ubigint
    )
"""

_TABLE_CHECKS: tuple[tuple[str, str, str, str], ...] = (
    (
        "repeated_lineage_id", "canonical", "two rows have the same lineage_id",
        "select lineage_id from dataset_rows group by 1 having count(*) > 1 order by 1",
    ),
    (
        "repeated_row", "canonical", "another row says the same",
        # The least id of every hash would be held in memory whole: only of those that more than one row has.
        "select min(lineage_id) from dataset_rows where said in "
        "(select said from dataset_rows group by 1 having count(*) > 1) group by said order by 1",
    ),
    (
        "split_shares_group", "canonical", "a group is in two splits",
        "select split_group from dataset_rows group by 1 having min(split) <> max(split) order by 1",
    ),
    (
        "split_shares_group", "canonical", "a task is in two splits",
        "select task_hash from dataset_rows group by 1 having min(split) <> max(split) order by 1",
    ),
    (
        "wrong_split", "canonical", "the hash of this row's group belongs to another split",
        # The first 15 hexadecimal digits of the group's SHA-256, modulo 1000.
        "select lineage_id from (select *, cast('0x' || substr(sha256(split_group), 1, 15) as bigint) % 1000 as bucket "
        "from dataset_rows) as bucketed where split <> case when bucket < 900 then 'train' "
        "when bucket < 950 then 'validation' else 'test' end order by 1",
    ),
    (
        "lineage_missing", "lineage.parquet", "a row, or a run of it, has no lineage",
        "select distinct lineage_id from (select lineage_id, organization_id, split, unnest(run_ids) as run_id "
        "from dataset_rows) as row_runs anti join lineage using (lineage_id, organization_id, split, run_id) "
        "order by 1",
    ),
    (
        "lineage_stray", "lineage.parquet", "lineage of a row that is not there",
        "select distinct lineage_id from lineage anti join dataset_rows using (lineage_id, split) order by 1",
    ),
    (
        "lineage_misplaced", "lineage.parquet", "row_number is not the place of the row in its split, or not its run",
        "select distinct lineage_id from lineage join dataset_rows as rows using (lineage_id, split) "
        "where lineage.row_number is distinct from rows.row_number or not list_contains(rows.run_ids, lineage.run_id) "
        "or lineage.organization_id <> rows.organization_id order by 1",
    ),
    (
        "lineage_incomplete", "lineage.parquet", "no file, hash, offset or length",
        "select distinct lineage_id from lineage where is_incomplete order by 1",
    ),
    (
        "refused_twice", "refusals.parquet", "a run is refused more than once",
        "select run_id from refusals group by organization_id, run_id having count(*) > 1 order by 1",
    ),
    (
        "refused_and_used", "refusals.parquet", "a run is refused and used",
        "select distinct run_id from refusals semi join lineage using (organization_id, run_id) order by 1",
    ),
    (
        "refusal_without_reason", "refusals.parquet", "no reason",
        "select run_id from refusals where reason is null or reason = '' order by 1",
    ),
)  # fmt: skip
"""(kind, file, what is wrong, a query that names the offenders)"""
