"""The run index: under which day each run is filed, and on which days its records landed.

Kept in schema `kept` of the private warehouse, beside the marts it is about, and grown by each new file once. It
answers what a build has to derive again: the dates of new runs, and of existing runs that a new record names. A file
that took the place of others (`replaces`) holds their rows and names nothing new. NULL is the date of undated runs.
"""

from collections.abc import Sequence

import duckdb

from dagster_project import records
from dagster_project.publishing.changed_texts import add_changed_texts
from dagster_project.publishing.filed_runs import add_filed_dates, refold
from dagster_project.publishing.landed_rows import landed_rows, parquet_source
from dagster_project.publishing.run_index_tables import RUN_TABLES
from dagster_project.settings import Settings
from dagster_project.snapshots import LiveFile, Snapshot

_SHARED_CALLS = "llm_call_id is not null and run_id is not null and format in ('claude-code', 'claude-code-export')"
"""Calls that count once among all runs, as int_llm_calls has it: a session that resumes another repeats its lines."""


def update_index(connection: duckdb.DuckDBPyConnection, settings: Settings, snapshot: Snapshot) -> None:
    """Bring the index to the snapshot, and add to `kept.affected_dates` what changed since: all or nothing."""
    connection.execute("begin transaction")
    _Update(connection, settings, snapshot).run()
    connection.execute("commit")


class _Update:
    """One change of snapshot. Works on temporary tables `changed_runs` and `changed_dates`."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, settings: Settings, snapshot: Snapshot) -> None:
        self._connection = connection
        self._settings = settings
        live = {table: snapshot.files(table) for table in snapshot.tables}
        known = set(connection.execute("select distinct landed_table, path from kept.files").fetchall())
        self._live = live
        self._is_first = not known
        self._gone = known - {(table, file.path) for table, files in live.items() for file in files}
        self._moved = [
            (table, file)
            for table, files in live.items()
            for file in files
            if file.replaces and all((table, path) in self._gone for path in file.replaces)
        ]
        moved = {(table, file.path) for table, file in self._moved}
        self._new = {
            table: [file for file in files if (table, file.path) not in known | moved] for table, files in live.items()
        }

    def run(self) -> None:
        execute = self._connection.execute
        execute("create or replace temp table changed_runs (organization_id varchar, run_id varchar)")
        execute("create or replace temp table changed_dates (event_date date)")
        if self._is_first:
            self._begin()
            return
        for table, file in self._moved:
            self._move(table, file)
        self._forget()
        self._read_new()
        if self._new.get("scores"):
            self._add_superseded(self._source(self._new["scores"]))
        self._add_sharing()
        add_filed_dates(self._connection)  # where the runs were filed
        refold(self._connection)
        add_filed_dates(self._connection)  # and where they are now
        self._add_texts()
        execute("insert into kept.affected_dates select distinct event_date from changed_dates")

    def _begin(self) -> None:
        """Of an index of nothing every run and every date has changed: no need to find out which."""
        self._read_new()
        execute = self._connection.execute
        execute("insert into changed_runs select distinct organization_id, run_id from kept.run_events")
        refold(self._connection)
        self._add_texts()
        execute(
            "insert into kept.affected_dates select event_date from kept.runs union "
            "select event_date from kept.run_days union select event_date from changed_dates"
        )

    def _move(self, table: str, file: LiveFile) -> None:
        """A file in the place of others: the same rows under another name."""
        for kept in ("files", "batch_counts"):
            for path in file.replaces:
                self._connection.execute(
                    f"update kept.{kept} set path = ? where landed_table = ? and path = ?",  # noqa: S608
                    [file.path, table, path],
                )
        self._gone -= {(table, path) for path in file.replaces}

    def _forget(self) -> None:
        """Files that are gone: their days are read again from what is left of them."""
        if not self._gone:
            return
        execute = self._connection.execute
        execute("delete from kept.builds")  # no published file may be carried on: bytes of what is gone are in it
        execute("create or replace temp table gone (landed_table varchar, path varchar)")
        self._connection.executemany("insert into gone values (?, ?)", sorted(self._gone))
        execute(
            "create or replace temp table gone_days as select distinct event_date from kept.files "
            "semi join gone using (landed_table, path) where landed_table in (select unnest(?))",
            [list(RUN_TABLES)],
        )
        execute(
            "insert into changed_runs select distinct organization_id, run_id from kept.run_days "
            "where exists (select 1 from gone_days where gone_days.event_date is not distinct from run_days.event_date)"
        )
        execute("insert into changed_dates select event_date from gone_days")
        self._add_superseded(
            "(from kept.scores semi join gone_days on gone_days.event_date is not distinct from scores.event_date)"
        )
        self._add_sharing()
        add_filed_dates(self._connection)
        left = execute(
            "select distinct landed_table, path from kept.files anti join gone using (landed_table, path) "
            "where exists (select 1 from gone_days where gone_days.event_date is not distinct from files.event_date)"
        ).fetchall()
        for kept in ("run_days", "run_events", "scores", "shared_calls"):
            execute(
                f"delete from kept.{kept} where exists "  # noqa: S608
                f"(select 1 from gone_days where gone_days.event_date is not distinct from {kept}.event_date)"
            )
        for kept in ("files", "batch_counts"):
            execute(
                f"delete from kept.{kept} where exists (select 1 from gone "  # noqa: S608
                f"where gone.landed_table = {kept}.landed_table and gone.path = {kept}.path)"
            )
        again = set(left)
        for table, files in self._live.items():
            self._new[table] += [file for file in files if (table, file.path) in again]
        self._connection.executemany("delete from kept.files where landed_table = ? and path = ?", left or [("", "")])
        self._connection.executemany(
            "delete from kept.batch_counts where landed_table = ? and path = ?", left or [("", "")]
        )

    def _read_new(self) -> None:
        """Every new file once: its dates, its batches, and the runs that it names."""
        for table, files in self._new.items():
            if not files:
                continue
            source = self._source(files)
            if table in RUN_TABLES or table == "units":
                self._connection.execute(
                    "insert into kept.files select distinct ?, substr(filename, ?), event_date "  # noqa: S608
                    f"from {source}",
                    [table, len(str(self._settings.home)) + 2],
                )
                self._connection.execute(
                    "insert into kept.batch_counts select ?, substr(filename, ?), batch_id, count(*) "  # noqa: S608
                    f"from {source} group by all",
                    [table, len(str(self._settings.home)) + 2],
                )
            else:
                rows = [(table, file.path) for file in files]
                self._connection.executemany("insert into kept.files values (?, ?, null)", rows)
            if table in RUN_TABLES:
                self._read_runs(table, source)

    def _read_runs(self, table: str, source: str) -> None:
        execute = self._connection.execute
        run = RUN_TABLES[table]
        execute(
            f"create or replace temp table named as select distinct organization_id, {run} as run_id, event_date "  # noqa: S608
            f"from {source}"
        )
        if not self._is_first:
            execute(
                "insert into changed_runs select distinct organization_id, run_id from named where run_id is not null"
            )
        if table != "events":  # an event of no run is filed nowhere
            execute("insert into changed_dates select distinct event_date from named where run_id is null")
        execute("insert into kept.run_days from named where run_id is not null")
        if table == "runs":
            execute(
                "insert into kept.run_events select organization_id, run_id, event_id, occurred_at, event_date, "  # noqa: S608
                f"started_at is not null from {source}"
            )
        if table == "llm_calls":
            execute(
                "insert into kept.shared_calls "  # noqa: S608
                "select distinct organization_id, llm_call_id, run_id, event_date "
                f"from {source} where {_SHARED_CALLS}"
            )
        if table == "scores":
            execute(
                f"insert into kept.scores select organization_id, score_id, supersedes_score_id, {run}, event_date "  # noqa: S608
                f"from {source} where score_id is not null or supersedes_score_id is not null"
            )

    def _add_superseded(self, newer: str) -> None:
        """A score is no longer current once another takes its place, and again when that is gone: its run changes."""
        self._connection.execute(
            f"""
            create or replace temp table superseded as
            select distinct old.organization_id, old.run_id, old.event_date
            from kept.scores as old
            inner join {newer} as newer
                on old.organization_id = newer.organization_id and old.score_id = newer.supersedes_score_id
            """  # noqa: S608
        )
        self._connection.execute(
            "insert into changed_runs select organization_id, run_id from superseded where run_id is not null"
        )
        self._connection.execute("insert into changed_dates select event_date from superseded where run_id is null")

    def _add_sharing(self) -> None:
        """A call that several runs repeat counts in one of them: when one changes, so may the others."""
        self._connection.execute(
            """
            insert into changed_runs
            select distinct other.organization_id, other.run_id
            from kept.shared_calls as other
            inner join kept.shared_calls as own using (organization_id, llm_call_id)
            semi join changed_runs
                on own.organization_id = changed_runs.organization_id and own.run_id = changed_runs.run_id
            """
        )

    def _add_texts(self) -> None:
        is_any_gone = any(table == "payloads" for table, _ in self._gone)
        files = (self._live if is_any_gone else self._new).get("payloads", [])
        if files or is_any_gone:
            rows = landed_rows(self._settings, records.PAYLOADS, [file.path for file in files])
            add_changed_texts(self._connection, rows, are_all=is_any_gone)

    def _source(self, files: Sequence[LiveFile]) -> str:
        return parquet_source(self._settings, [file.path for file in files], with_name=True)
