"""Which landed rows must go: of runs whose time is over or that a deletion names, and their texts.

A run goes whole, on whatever days its records landed; records of a run that never landed go by their own date. Reads
ids, dates and hashes alone, never a text. Belongs here: the search. Does not: removing anything.
"""

# ruff: noqa: S608 - texts of this module; names are tables and columns of ours, values are parameters or columns

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

import duckdb
import pyarrow as pa

from dagster_project.landing.retention.expiry_texts import add_expired_bytes, add_expired_texts, add_unnamed_texts
from dagster_project.landing.retention.expiry_views import (
    CHILDREN,
    COLUMNS,
    RECORD,
    RECORDS_EXPIRED,
    RUN_DELETED,
    RUN_OF,
    LandedViews,
    pairs,
    run_of,
)
from dagster_project.settings import Settings
from dagster_project.snapshots import Snapshot

_GONE = f"""
    create table gone (
        landed_table varchar, path varchar, row_number bigint, {RECORD}, key varchar, reason varchar, rule varchar,
        as_of date
    )
"""


class Search:
    """Fills table `gone` of a scratch database: a row for each landed row that must go, with reason and rule; and
    `archivable`: paths and numbers of those that an archive may keep.

    `seen` are the files that an earlier search has looked through for the deletions of its time. `as_of` takes the
    place of each organization's latest event date, which counts no further than `latest`.
    """

    def __init__(
        self,
        connection: duckdb.DuckDBPyConnection,
        settings: Settings,
        snapshot: Snapshot,
        *,
        consent: Sequence[Mapping[str, Any]],
        seen: frozenset[str],
        latest: dt.date,
        as_of: dt.date | None = None,
    ) -> None:
        self._connection = connection
        self._execute = connection.execute
        self._views = LandedViews(connection, settings, snapshot)
        self._snapshot = snapshot
        self._consent = consent
        self._seen = seen
        self._latest = latest
        self._as_of = as_of

    def run(self) -> None:
        """Find them. No table is read further than its ids, dates and hashes."""
        self._execute(_GONE)
        for table in COLUMNS:
            self._views.make(table, table, self._views.files(table))
        self._execute(
            "create table deleted as select organization_id, run_id, min(event_date) as asked_on from events "
            "where event_type = 'deletion' and run_id is not null group by 1, 2"
        )
        self._find_last_days()
        self._find_terms()
        if any(row.get("records_retention_days") is not None for row in self._consent):
            self._add_expired_records()
        self._add_deleted_records()
        add_expired_texts(self._views)
        add_unnamed_texts(self._views, seen=self._seen)
        add_expired_bytes(self._views)
        self._find_archivable()

    def _find_last_days(self) -> None:
        self._execute(
            "create table last_days as select organization_id, coalesce(?, least(max(event_date), ?)) as as_of "
            "from runs anti join deleted using (organization_id, run_id) group by 1",
            [self._as_of, self._latest],
        )

    def _find_terms(self) -> None:
        """What is declared of each organization and source: the most specific entry holds, all of it."""
        sources = self._execute("select distinct organization_id, format from units").fetchall()
        rows = [(*source, self._declared(*source)) for source in sources]
        self._connection.register(
            "declared_terms",
            pa.table(
                {
                    "organization_id": pa.array([row[0] for row in rows], pa.string()),
                    "format": pa.array([row[1] for row in rows], pa.string()),
                    "record_days": pa.array([row[2].get("records_retention_days") for row in rows], pa.int32()),
                    "text_days": pa.array([row[2].get("retention_days") for row in rows], pa.int32()),
                }
            ),
        )
        self._execute("create table terms as from declared_terms")

    def _declared(self, organization_id: str, source: str) -> Mapping[str, Any]:
        fitting = [
            row
            for row in self._consent
            if row["organization_id"] in (None, organization_id) and row["source"] in (None, source)
        ]
        return max(fitting, key=lambda row: (row["organization_id"] is not None, row["source"] is not None), default={})

    def _add_expired_records(self) -> None:
        """Runs whose every event is past its last day go with all they have; what never had a run, by its own date."""
        is_over = "coalesce(records.event_date + terms.record_days <= last_days.as_of, false)"
        told = "left join terms using (organization_id, format) left join last_days using (organization_id)"
        self._execute(
            f"create table expired as select organization_id, run_id, max(record_days) as record_days, "
            f"max(as_of) as as_of from runs as records {told} group by 1, 2 having bool_and({is_over})"
        )
        self._execute("create table landed_runs as select distinct organization_id, run_id from runs")
        rule = "'records_retention_days ' || {}.record_days"
        for table, run in RUN_OF.items():
            keeps = " and records.event_type <> 'deletion'" if table == "events" else ""
            self._add(
                table,
                f"from {table} as records inner join expired "
                f"on records.organization_id = expired.organization_id and ({run_of('records', run)}) = expired.run_id "
                f"where true{keeps}",
                reason=RECORDS_EXPIRED,
                rule=rule.format("expired"),
                as_of="expired.as_of",
            )
        for table in CHILDREN:
            run = run_of("records", RUN_OF[table])
            keeps = " and records.event_type <> 'deletion'" if table == "events" else ""
            self._add(
                table,
                f"from {table} as records inner join terms using (organization_id, format) "
                f"inner join last_days using (organization_id) where {is_over} and not exists (select 1 from "
                "landed_runs as runs where runs.organization_id = records.organization_id "
                f"and runs.run_id = ({run})){keeps}",
                reason=RECORDS_EXPIRED,
                rule=rule.format("terms"),
                as_of="last_days.as_of",
            )
        self._add_parts_of_events(RECORDS_EXPIRED, ("units", "unmapped_fields"))

    def _add_deleted_records(self) -> None:
        """All that names a deleted run but the deletion; the keys of its events stay, so that it cannot land again."""
        if not self._views.count("deleted"):
            return
        events = [file.path for file in self._snapshot.files("events")]
        new = self._execute(
            "select count(*) from events where event_type = 'deletion' and run_id is not null and not "
            "list_contains(?::varchar[], path)",
            [[path for path in events if path in self._seen]],
        ).fetchall()[0][0]
        for table, run in RUN_OF.items():
            # A deletion that was seen before has emptied the files that were there before.
            files = [file for file in self._snapshot.files(table) if new or file.path not in self._seen]
            self._views.make(f"unseen_{table}", table, files)
            keeps = " and records.event_type <> 'deletion'" if table == "events" else ""
            self._add(
                table,
                f"from unseen_{table} as records inner join deleted on records.organization_id = "
                f"deleted.organization_id and ({run_of('records', run)}) = deleted.run_id "
                "left join last_days on records.organization_id = last_days.organization_id "
                "where not exists (select 1 from gone where gone.path = records.path "
                f"and gone.row_number = records.row_number){keeps}",
                reason=RUN_DELETED,
                rule="'deletion of ' || coalesce(strftime(deleted.asked_on, '%Y-%m-%d'), 'an undated event')",
                as_of="coalesce(last_days.as_of, deleted.asked_on)",
            )
        self._add_parts_of_events(RUN_DELETED, ("unmapped_fields",))

    def _find_archivable(self) -> None:
        """What has expired, less all events of a run that is to be deleted too."""
        asked_away = " union all ".join(
            f"select records.organization_id, records.event_id from {table} as records inner join deleted on "
            f"records.organization_id = deleted.organization_id and ({run_of('records', run)}) = deleted.run_id"
            for table, run in RUN_OF.items()
        )
        self._execute(
            f"create table archivable as select path, row_number from gone anti join ({asked_away}) as asked_away "
            f"using (organization_id, event_id) where reason = '{RECORDS_EXPIRED}' and landed_table <> 'payloads'"
        )

    def _add_parts_of_events(self, reason: str, tables: Sequence[str]) -> None:
        """What belongs to an event rather than to a run goes when no record of the event is left."""
        if not self._views.count(f"gone where reason = '{reason}'"):
            return
        left = " union all ".join(
            f"select organization_id, event_id from {table} as records semi join gone "
            "on records.organization_id = gone.organization_id and records.event_id = gone.event_id "
            "where not exists (select 1 from gone where gone.path = records.path "
            "and gone.row_number = records.row_number)"
            for table in RUN_OF
        )
        self._execute(
            "create or replace table gone_events as select organization_id, event_id, min(rule) as rule, "
            f"min(as_of) as as_of from gone anti join ({left}) as left_over using (organization_id, event_id) "
            f"where reason = '{reason}' group by 1, 2"
        )
        for table in tables:
            self._add(
                table,
                f"from {table} as records inner join gone_events using (organization_id, event_id)",
                reason=reason,
                rule="gone_events.rule",
                as_of="gone_events.as_of",
            )

    def _add(self, table: str, source: str, *, reason: str, rule: str, as_of: str) -> None:
        columns = ", ".join(f"records.{name}" for name, _ in pairs(RECORD))
        self._execute(
            f"insert into gone select '{table}', records.path, records.row_number, {columns}, records.event_id, "
            f"'{reason}', {rule}, {as_of} {source}"
        )
