"""What a record says of records of other runs and days is told again, long after it landed and when it is gone."""

import datetime as dt
from typing import Any

import duckdb
import pytest

from dagster_project.publishing.run_index import update_index
from dagster_project.publishing.run_index_tables import make_index
from dagster_project.publishing.slices import declare_slice, sliced_view
from dagster_project.records import TABLES
from dagster_project.settings import Settings
from dagster_project.snapshots import commit, read_snapshot, writer_lock
from tests.landed_rows import land_rows

Row = dict[str, Any]


def on(day: int, **fields: Any) -> Row:
    return {"occurred_at": dt.datetime(2026, 3, day, 12), **fields}


def score(day: int, score_id: str, **fields: Any) -> Row:
    return on(day, score_id=score_id, target_type="step", name="taste", **fields)


A, B = on(1, run_id="a"), on(5, run_id="b")


@pytest.fixture
def index() -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect(":memory:")
    make_index(connection)
    connection.execute("create schema declared")
    return connection


def affected_days(index: duckdb.DuckDBPyConnection, settings: Settings) -> set[int]:
    """The days that a build after this moment derives again; it is taken as done."""
    update_index(index, settings, read_snapshot(settings))
    declare_slice(index, is_whole=False, has_clocks=False)
    index.execute("delete from kept.affected_dates")
    return {date.day for (date,) in index.execute("from declared.affected_dates").fetchall()}


def remove_last(settings: Settings, table: str) -> None:
    """What landed last of the table goes, as by retention."""
    snapshot = read_snapshot(settings)
    with writer_lock(settings):
        commit(settings, snapshot, added={}, removed=frozenset({snapshot.files(table)[-1].path}))


def test_a_score_without_a_run_is_there_whenever_the_one_it_took_the_place_of_is_judged(
    index: duckdb.DuckDBPyConnection, settings: Settings
) -> None:
    land_rows(settings, {"runs": [A, B], "scores": [score(1, "of a run", run_id="a"), score(1, "of none")]})
    affected_days(index, settings)
    newer = [score(day, f"for {old}", supersedes_score_id=old) for day, old in ((5, "of a run"), (6, "of none"))]
    land_rows(settings, {"scores": newer})
    assert affected_days(index, settings) == {1, 5, 6}
    land_rows(settings, {"steps": [on(1, run_id="a", step_id="late", seq=1)]})
    assert affected_days(index, settings) == {1}
    seen = sliced_view(index, settings, read_snapshot(settings), "scores", schema=TABLES["scores"])
    assert index.execute(f"select count(*) from ({seen})").fetchall() == [(4,)]


def test_what_another_run_decided_is_decided_again_when_that_is_gone(
    index: duckdb.DuckDBPyConnection, settings: Settings
) -> None:
    """Whether a score is current, and which of two sessions a call that both hold counts in."""
    shared = {"llm_call_id": "msg-1", "format": "claude-code"}
    scored = {"runs": [A], "scores": [score(1, "first", run_id="a")]}
    land_rows(settings, {**scored, "llm_calls": [on(2, run_id="c", **shared)]})
    land_rows(settings, {"runs": [B], "scores": [score(5, "second", run_id="b", supersedes_score_id="first")]})
    land_rows(settings, {"llm_calls": [on(6, run_id="d", **shared)]})
    affected_days(index, settings)
    remove_last(settings, "scores")
    assert affected_days(index, settings) == {1, 5}
    remove_last(settings, "llm_calls")
    assert affected_days(index, settings) == {2, 6}
