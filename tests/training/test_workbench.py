"""Reading the scratch database of an export, within the memory it has."""

from pathlib import Path

import duckdb
import pytest

from dagster_project.training import workbench
from dagster_project.training.workbench import Workbench


def _workbench(folder: Path, *, rows: int, memory: str) -> Workbench:
    """Examples of about a kilobyte, numbered backwards; each has two parts, of which the later was written first."""
    config = {"memory_limit": memory, "threads": "2", "temp_directory": str(folder / "spill")}
    connection = duckdb.connect(str(folder / "work.duckdb"), config=config)
    connection.execute(
        f"""
        create table examples as
        select 'l' || range as lineage_id, {rows} - 1 - range as position, repeat(sha256(range::varchar), 14) as wide
        from range({rows})
        """
    )
    connection.execute(
        """
        create table parts as
        select lineage_id, '' as side, 0 as side_order, 'o' as organization_id, seq, 0 as call_number, 'user' as role,
            null::varchar as tool_call_id, null::varchar as tool_name, sha256(lineage_id || seq) as text_sha256
        from examples, (values (2), (1)) as numbers (seq)
        """
    )
    connection.execute(
        """
        create table texts as
        select organization_id, text_sha256 as sha256, seq as first_byte, 9 as byte_count from parts
        """
    )
    bench = Workbench(connection, folder / "texts.bin")
    bench.order_parts()
    return bench


def test_each_lot_has_its_examples_and_their_parts_in_order(tmp_path: Path) -> None:
    bench = _workbench(tmp_path, rows=5, memory="100MB")
    lots = [(examples.to_pydict(), parts.to_pydict()) for examples, parts in bench.chunks(2)]
    assert [examples["position"] for examples, _ in lots] == [[0, 1], [2, 3], [4]]
    assert [examples["lineage_id"] for examples, _ in lots] == [["l4", "l3"], ["l2", "l1"], ["l0"]]
    assert [parts["position"] for _, parts in lots] == [[0, 0, 1, 1], [2, 2, 3, 3], [4, 4]]
    assert [parts["seq"] for _, parts in lots] == [[1, 2, 1, 2], [1, 2, 1, 2], [1, 2]]


def test_at_rest_lots_are_read_with_less_memory(tmp_path: Path) -> None:
    bench = _workbench(tmp_path, rows=5, memory="400MB")
    limit = "select current_setting('memory_limit')"
    with bench.at_rest():
        assert [len(parts) for _, parts in bench.chunks(3)] == [6, 4]
        assert bench.rows(limit) == [("114.4 MiB",)]
    assert bench.rows(limit) == [("381.4 MiB",)]


def test_rows_that_fill_memory_leave_room_for_their_parts(tmp_path: Path) -> None:
    """They were sorted by one query, read bit by bit, while another sorted the parts."""
    bench = _workbench(tmp_path, rows=60_000, memory="70MB")
    lots = [(len(examples), len(parts)) for examples, parts in bench.chunks(20_000)]
    assert lots == [(20_000, 40_000)] * 3


def test_more_examples_than_a_sort_could_take_lie_in_their_order(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ten million were joined and sorted by one statement, which failed."""
    rows = 60_000
    monkeypatch.setattr(workbench, "SORTED_AT_ONCE", 10_000)
    config = {"threads": "2", "temp_directory": str(tmp_path / "spill"), "preserve_insertion_order": "false"}
    connection = duckdb.connect(str(tmp_path / "work.duckdb"), config=config)
    connection.execute(
        f"""
        create table numbered_examples as
        select {rows} - 1 - range as position, 'l' || range as lineage_id, repeat(sha256(range::varchar), 8) as wide
        from range({rows})
        """
    )
    connection.execute("checkpoint; set memory_limit = '28MB'")
    bench = Workbench(connection, tmp_path / "texts.bin")
    bench.sort("examples")
    whole = f"bool_and(lineage_id = 'l' || ({rows} - 1 - position))"
    assert bench.rows(f"select count(*), count(distinct position), {whole} from examples") == [(rows, rows, True)]
    assert bench.rows("select count(*) from duckdb_tables() where table_name = 'numbered_examples'") == [(0,)]


@pytest.mark.parametrize("at_once", [1, 7, 1_000])
def test_rows_are_numbered_in_the_order_of_their_keys_however_many_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, at_once: int
) -> None:
    """Keys that several rows share, and rows without one, which come last."""
    monkeypatch.setattr(workbench, "SORTED_AT_ONCE", at_once)
    keys = [None if row % 10 == 9 else f"{row * 7 % 13:02d}" for row in range(100)]
    selected = [(key, f"l{row * 31 % 101:03d}") for row, key in enumerate(keys)]
    connection = duckdb.connect()
    connection.execute("create table selected (sort_key varchar, lineage_id varchar)")
    connection.executemany("insert into selected values (?, ?)", selected)
    bench = Workbench(connection, tmp_path / "texts.bin")
    assert bench.number() == 100
    places = [place for (place,) in bench.rows("select place from numbers order by position")]
    in_order = sorted(range(100), key=lambda row: (selected[row][0] is None, *map(str, selected[row])))
    assert places == in_order
    assert bench.rows("select min(position), max(position) from numbers") == [(0, 99)]


def test_a_statement_over_lots_sees_every_row_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workbench, "JOINED_AT_ONCE", 10)
    bench = Workbench(duckdb.connect(), tmp_path / "texts.bin")
    bench.execute("create table seen (number bigint, first bigint)", rows=25)
    bench.execute(
        "insert into seen select range, $first from range(25) where range >= $first and range < $last", rows=25
    )
    assert bench.rows("select first, min(number), max(number), count(*) from seen group by 1 order by 1") == [
        (0, 0, 9, 10),
        (10, 10, 19, 10),
        (20, 20, 24, 5),
    ]
