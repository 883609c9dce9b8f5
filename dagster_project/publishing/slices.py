"""The slice of a build: the dates it derives again, and the landed records it needs for them.

A first build, or one of other inputs or code, takes everything. Any other takes the dates that changed since the
last: schema `landed` then shows the records of the runs filed under these dates and nothing else, the models of
single runs derive those, and the models that keep history replace exactly these dates.
"""

import duckdb
import pyarrow as pa

from dagster_project.publishing.landed_rows import column_list, landed_rows
from dagster_project.publishing.run_index_tables import RUN_TABLES
from dagster_project.settings import Settings
from dagster_project.snapshots import Snapshot

SLICED_TABLES: tuple[str, ...] = ("units", "runs", "steps", "llm_calls", "tool_calls", "messages", "scores", "errors")
"""Landed tables of which a build sees its slice; the others it sees whole."""


def declare_slice(connection: duckdb.DuckDBPyConnection, *, is_whole: bool, has_clocks: bool) -> None:
    """Make `declared.affected_dates`, `affected_runs` and `batch_counts` for the models and their tests to read.

    `has_clocks`: an organization declares a time zone. By its clocks a run may be of the day before or after the one it
    is filed under, so these days are derived again too.
    """
    execute = connection.execute
    dates = "select event_date from kept.files union select event_date from kept.run_days union select null"
    pending = "select distinct event_date from kept.affected_dates"
    execute(f"create or replace table declared.affected_dates as {dates if is_whole else pending}")
    if has_clocks:
        execute(_NEIGHBOURS)
    execute(f"create or replace table declared.affected_runs as {'from kept.runs' if is_whole else _RUNS}")
    execute(f"create or replace table declared.slice_dates as {_SLICE_DATES}")
    execute(
        "create or replace table declared.batch_counts as "
        "select landed_table, batch_id, sum(row_count)::bigint as row_count from kept.batch_counts group by 1, 2"
    )


_NEIGHBOURS = """
    insert into declared.affected_dates
    select unnest([event_date - 1, event_date + 1]) as neighbour from declared.affected_dates
    where event_date > date '0001-01-01' and event_date < date '9999-12-31'
    except
    from declared.affected_dates
"""

# Runs filed under an affected date; runs that never landed, of which a record is filed there; and, to judge these by,
# the runs whose scores supersede a score filed there and those that repeat a call of theirs.
_RUNS = """
    with filed as (
        select runs.* from kept.runs
        semi join declared.affected_dates as dates on runs.event_date is not distinct from dates.event_date
    ),

    unlanded as (
        select distinct run_days.organization_id, run_days.run_id, null::date as event_date
        from kept.run_days
        semi join declared.affected_dates as dates on run_days.event_date is not distinct from dates.event_date
        anti join kept.runs as runs
            on run_days.organization_id = runs.organization_id and run_days.run_id = runs.run_id
    ),

    affected as (
        select * from filed union all select * from unlanded
    ),

    superseding as (
        select distinct newer.organization_id, newer.run_id
        from kept.scores as newer
        inner join kept.scores as old
            on newer.organization_id = old.organization_id and newer.supersedes_score_id = old.score_id
        left join affected on old.organization_id = affected.organization_id and old.run_id = affected.run_id
        left join declared.affected_dates as dates
            on old.run_id is null and old.event_date is not distinct from dates.event_date
        where newer.run_id is not null and (affected.run_id is not null or (dates.rowid is not null))
    ),

    sharing as (
        select distinct other.organization_id, other.run_id
        from kept.shared_calls as other
        inner join kept.shared_calls as own using (organization_id, llm_call_id)
        semi join affected on own.organization_id = affected.organization_id and own.run_id = affected.run_id
    ),

    telling as (
        select * from superseding union select * from sharing
    )

    select * from affected
    union all
    select telling.organization_id, telling.run_id, runs.event_date
    from telling
    anti join affected using (organization_id, run_id)
    left join kept.runs as runs using (organization_id, run_id)
"""

# Dates of which records without a run are in the slice: the affected ones, and those of scores without a run that take
# the place of a score in the slice.
_SLICE_DATES = """
    from declared.affected_dates
    union
    select newer.event_date
    from kept.scores as newer
    inner join kept.scores as old
        on newer.organization_id = old.organization_id and newer.supersedes_score_id = old.score_id
    left join declared.affected_runs as runs on old.organization_id = runs.organization_id and old.run_id = runs.run_id
    left join declared.affected_dates as dates
        on old.run_id is null and old.event_date is not distinct from dates.event_date
    where newer.run_id is null and (runs.run_id is not null or dates.rowid is not null)
"""


def sliced_view(
    connection: duckdb.DuckDBPyConnection, settings: Settings, snapshot: Snapshot, table: str, *, schema: pa.Schema
) -> str:
    """SQL of the view over the part of a table that the slice needs."""
    source = landed_rows(settings, schema, slice_paths(connection, snapshot, table))
    return sliced_rows(table, columns=column_list(schema), source=source)


def sliced_rows(table: str, *, columns: str, source: str) -> str:
    """SQL, of either engine, over the records of `source` that belong to the slice."""
    if table not in RUN_TABLES:
        return f"select {columns} from {source}"  # noqa: S608
    records = f"select {columns} from (select *, {RUN_TABLES[table]} as run_of_slice from {source}) as records"  # noqa: S608
    return f"""
        {records} where run_of_slice is not null and exists (
            select 1 from declared.affected_runs as runs
            where runs.organization_id = records.organization_id and runs.run_id = records.run_of_slice
        )
        union all
        {records} where run_of_slice is null and exists (
            select 1 from declared.slice_dates as dates
            where dates.event_date is not distinct from records.event_date
        )
    """  # noqa: S608


def slice_paths(connection: duckdb.DuckDBPyConnection, snapshot: Snapshot, table: str) -> list[str]:
    """Live files of the table with a record on a day on which a record of the slice landed."""
    live = {file.path for file in snapshot.files(table)}
    return sorted(path for path in _paths(connection, table) if path in live)


def _paths(connection: duckdb.DuckDBPyConnection, table: str) -> list[str]:
    rows = connection.execute(
        """
        select distinct files.path
        from kept.files
        semi join (
            select distinct run_days.event_date from kept.run_days
            semi join declared.affected_runs using (organization_id, run_id)
            union
            select event_date from declared.slice_dates
        ) as days on files.event_date is not distinct from days.event_date
        where files.landed_table = ?
        """,
        [table],
    ).fetchall()
    return [path for (path,) in rows]
