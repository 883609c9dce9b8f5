"""A build's queries take as many threads as its runs are worth: what is over in milliseconds takes one."""

import os

import duckdb
import pytest

from dagster_project.duckdb_plugin import take_threads


@pytest.mark.parametrize(
    ("derived", "kept", "threads"),
    [(0, 30, 1), (3_333, 103_323, 1), (3_333, 10_000_000, 4), (100_000, 100_000, 2), (1_000_000, 1_000_000, 4)],
    ids=["nothing new", "a day on thirty", "a day on years", "thirty days", "ten times as many"],
)
def test_more_runs_take_more_threads(monkeypatch, derived, kept, threads):
    monkeypatch.setattr(os, "sched_getaffinity", lambda _process: range(4))
    with duckdb.connect() as connection:
        connection.execute("create schema declared; create schema kept")
        connection.execute(f"create table declared.affected_runs as from range({derived})")
        connection.execute(f"create table kept.runs as from range({kept})")
        take_threads(connection)
        assert connection.execute("select current_setting('threads')").fetchall() == [(threads,)]
