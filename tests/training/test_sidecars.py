"""Guards: the lineage joined step by step is the one that a single join gives, and it needs little memory."""

import subprocess
import sys
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from dagster_project.training.datasets import SFT
from dagster_project.training.workbench import Workbench
from dagster_project.training.writing import sidecars
from dagster_project.training.writing.sidecars import add_verdicts, write_lineage

# The join as it is asked for, all at once.
AT_ONCE = """
    select kept.lineage_id, kept.split, kept.row_number, found.organization_id, found.run_id,
        min(ledger.source_path) as source_path, found.source_file_sha256, found.byte_offset, found.byte_length
    from kept
    inner join row_runs using (lineage_id)
    inner join (from runs union all from messages union all from tool_calls) as found using (organization_id, run_id)
    left join ledger using (batch_id)
    group by all
    order by all
"""
PLACES = (
    "organization_id varchar, run_id varchar, batch_id varchar, source_file_sha256 varchar, byte_offset bigint, "
    "byte_length bigint"
)


def bench(folder: Path, **settings: str) -> Workbench:
    return Workbench(duckdb.connect(folder / "work.duckdb", config=settings), folder / "texts.bin")


@pytest.mark.parametrize("runs_at_once", [1, 250_000])
def test_the_joins_in_steps_give_the_rows_of_one_join(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, runs_at_once: int
) -> None:
    """A run in two rows, a file landed twice, records that share bytes, a run of another organization, no ledger."""
    monkeypatch.setattr(sidecars, "_RUNS_AT_ONCE", runs_at_once)
    work = bench(tmp_path)
    for name, rows in {
        "runs": "('acme', 'a', 'b1', 'f', 0, 9), ('acme', 'b', 'b2', 'f', 9, 9), ('other', 'a', 'b3', 'g', 0, 9)",
        "messages": "('acme', 'a', 'b1', 'f', 0, 9), ('acme', 'a', 'b2', 'f', 0, 9), ('acme', 'a', 'b1', 'f', 30, 5)",
        "tool_calls": "('acme', 'a', 'b1', 'f', 30, 5), ('acme', 'b', 'lost', 'h', 7, 7)",
    }.items():
        work.connection.execute(f"create table {name} ({PLACES}); insert into {name} values {rows}")
    work.connection.execute("""
        create table ledger as
        from (values ('b1', 'z.jsonl'), ('b2', 'a.jsonl'), ('b3', 'g.jsonl')) as t (batch_id, source_path);
        create table row_runs as
        from (values ('r1', 'acme', 'a'), ('r2', 'acme', 'a'), ('r2', 'acme', 'b'), ('gone', 'other', 'a'))
            as t (lineage_id, organization_id, run_id);
        create table kept as from (values ('r1', 'train', 0), ('r2', 'test', 0)) as t (lineage_id, split, row_number);
        create table kept_runs as from row_runs inner join kept using (lineage_id);
    """)
    expected = work.rows(AT_ONCE)
    assert write_lineage(work, tmp_path / "lineage.parquet") == len(expected) == 6
    written = pq.read_table(tmp_path / "lineage.parquet")
    assert [tuple(row.values()) for row in written.to_pylist()] == expected
    assert expected[0] == ("r1", "train", 0, "acme", "a", "a.jsonl", "f", 0, 9)


@pytest.mark.slow
def test_the_file_is_the_same_however_many_runs_are_joined_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Batches of each stretch as they came gave pages of other sizes."""
    written = []
    for runs_at_once in (7_000, 250_000):
        monkeypatch.setattr(sidecars, "_RUNS_AT_ONCE", runs_at_once)
        folder = tmp_path / str(runs_at_once)
        folder.mkdir()
        work = bench(folder)
        work.connection.execute(f"create table messages ({PLACES}); create table tool_calls ({PLACES})")
        work.connection.execute("""
            create table runs as
            select 'acme' as organization_id, 'run-' || range as run_id, 'b' as batch_id, 'f' as source_file_sha256,
                range as byte_offset, 9 as byte_length
            from range(45_000);
            create table ledger as select 'b' as batch_id, 'log.jsonl' as source_path;
            create table kept_runs as
            select organization_id, run_id, sha256(run_id) as lineage_id, 'train' as split, byte_offset as row_number
            from runs;
        """)
        assert write_lineage(work, folder / "lineage.parquet") == 45_000
        written.append((folder / "lineage.parquet").read_bytes())
    assert written[0] == written[1]


def test_the_lineage_of_many_rows_is_joined_in_little_memory(tmp_path: Path) -> None:
    """At once, the join of these rows ends without memory."""
    spill = str(tmp_path / "spill")
    work = bench(tmp_path, threads="1", temp_directory=spill, preserve_insertion_order="false")
    place = "'acme' as organization_id, 'run-' || run as run_id, '0' as batch_id, sha256('0') as source_file_sha256"
    work.connection.execute(f"""
        create table runs as select {place}, run * 1000 as byte_offset, 90 as byte_length from range(12000) as t (run);
        create table messages as
        select {place}, run * 1000 + 100 * seq + 100 as byte_offset, 80 as byte_length
        from range(12000) as t (run), range(8) as u (seq);
        create table tool_calls as from messages;
        create table ledger as select '0' as batch_id, 'log.jsonl' as source_path;
        create table kept_runs as
        select organization_id, run_id, sha256(run_id) as lineage_id, 'train' as split,
            row_number() over () as row_number
        from runs;
        checkpoint;
        set memory_limit = '36MB';
    """)
    assert write_lineage(work, tmp_path / "lineage.parquet") == 12_000 * 9


@pytest.mark.slow
def test_the_refusals_of_many_rows_are_found_in_little_memory(tmp_path: Path) -> None:
    """Runs of rows that stay were looked for by `not in`, which holds all of them in memory: of these it found none."""
    work = bench(tmp_path, threads="1", temp_directory=str(tmp_path / "spill"), preserve_insertion_order="false")
    work.connection.execute("""
        create table examples as
        select sha256(range::varchar) as lineage_id, range as position, 'train' as split, 'acme' as organization_id,
            'run-' || range as run_id, 't' as task_hash, 'm' as model, 'output' as example_kind
        from range(120_000);
        create table refusals (organization_id varchar, run_id varchar, reason varchar);
        checkpoint;
        set memory_limit = '24MB';
    """)
    dropped = pa.table({"position": pa.array(range(0, 120_000, 50), pa.int32())})
    for name, value in {"pass": "near dedupe", "pass_number": 4, "reason": "near_duplicate"}.items():
        dropped = dropped.append_column(name, pa.repeat(value, len(dropped)))
    add_verdicts(work, SFT, dropped)
    assert work.rows("select pass, reason, count(*) from refused_runs group by all") == [
        ("near dedupe", "near_duplicate", 2_400)
    ]


_SOURCES_OF_LONG_PATHS = """
import resource, sys
import duckdb
from dagster_project.training.writing.sidecars import _LINEAGE, _PATHS

config = {"memory_limit": "150MB", "threads": "2", "preserve_insertion_order": "false"}
work = duckdb.connect(sys.argv[1], config=config)
for name, rows in {"runs": 400_000, "messages": 0, "tool_calls": 0}.items():
    work.execute(
        f"create table {name} as select 'acme' as organization_id, 'run-' || range as run_id, 'b' as batch_id, "
        f"'f' as source_file_sha256, range as byte_offset, 9::bigint as byte_length from range({rows})"
    )
work.execute("create table ledger as select 'b' as batch_id, repeat('p', 1000) as source_path")
work.execute("create table kept_runs as select organization_id, run_id, '' as lineage_id from runs")
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
for statement in [*_PATHS, *_LINEAGE[: [one.startswith("drop table found") for one in _LINEAGE].index(True)]]:
    work.execute(statement, {"low": "", "high": None} if "$low" in statement else None)
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
"""


@pytest.mark.slow
def test_the_paths_of_sources_take_no_memory_beyond_the_bound(tmp_path: Path) -> None:
    """The first path of each stretch as a text took 650 MB of these, outside of what the database counts."""
    command = [sys.executable, "-c", _SOURCES_OF_LONG_PATHS, str(tmp_path / "work.duckdb")]
    finished = subprocess.run(command, capture_output=True, text=True, check=True)
    assert int(finished.stdout) < 250 * 1024
