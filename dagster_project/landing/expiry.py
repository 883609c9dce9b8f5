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

from dagster_project.settings import Settings
from dagster_project.snapshots import LiveFile, Snapshot

RECORDS_EXPIRED, RUN_DELETED, TEXT_EXPIRED, BYTES_EXPIRED = (
    "records_expired", "run_deleted", "text_expired", "bytes_expired",
)  # fmt: skip

_RUN = {
    **dict.fromkeys(("runs", "steps", "llm_calls", "tool_calls", "messages", "errors", "events"), "run_id"),
    "scores": "case when run_id is not null then run_id when target_type = 'run' then target_id end",
}
"""The run that a record of each table belongs to."""
_CHILDREN = tuple(table for table in _RUN if table != "runs")
_HASHES = {
    "runs": ("message_sha256", "input_sha256", "output_sha256"),
    "tool_calls": ("arguments_sha256", "result_sha256"),
    "messages": ("content_sha256",),
    "scores": ("output_sha256",),
    "unmapped_fields": ("value_sha256",),
}
"""Where facts name texts."""
_RECORD = "organization_id varchar, event_id varchar, event_date date, batch_id varchar, source_file_sha256 varchar"
_COLUMNS = {
    **dict.fromkeys((*_RUN, "units", "unmapped_fields"), f"{_RECORD}, format varchar"),
    "payloads": "organization_id varchar, sha256 varchar, event_date date, expires_on date, batch_id varchar, "
    "source_file_sha256 varchar",
    "quarantine": "batch_id varchar, source_file_sha256 varchar, unit_number bigint, raw_sha256 varchar, "
    "raw_bytes blob, expires_on date",
    "ledger": "batch_id varchar, format varchar",
}
_OWN_COLUMNS = {
    **dict.fromkeys(_RUN, ", run_id varchar"),
    "scores": ", run_id varchar, target_type varchar, target_id varchar",
    "events": ", run_id varchar, event_type varchar",
}
_GONE = f"""
    create table gone (
        landed_table varchar, path varchar, row_number bigint, {_RECORD}, key varchar, reason varchar, rule varchar,
        as_of date
    )
"""


class Search:
    """Fills table `gone` of a scratch database: a row for each landed row that must go, with reason and rule.

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
        self._execute = connection.execute
        self._connection = connection
        self._settings = settings
        self._snapshot = snapshot
        self._consent = consent
        self._seen = seen
        self._latest = latest
        self._as_of = as_of

    def run(self) -> None:
        """Find them. No table is read further than its ids, dates and hashes."""
        self._execute(_GONE)
        for table in _COLUMNS:
            self._make_view(table, table, self._files(table))
        self._execute(
            "create table deleted as select organization_id, run_id, min(event_date) as asked_on from events "
            "where event_type = 'deletion' and run_id is not null group by 1, 2"
        )
        self._find_last_days()
        self._find_terms()
        if any(row.get("records_retention_days") is not None for row in self._consent):
            self._add_expired_records()
        self._add_deleted_records()
        self._add_expired_texts()
        self._add_unnamed_texts()
        self._add_expired_bytes()

    def _files(self, table: str) -> list[LiveFile]:
        """The live files; the folder of texts may be emptied by hand."""
        files = self._snapshot.files(table)
        return files if table != "payloads" else [file for file in files if (self._settings.home / file.path).exists()]

    def _count(self, rows: str) -> int:
        return self._execute(f"select count(*) from {rows}").fetchall()[0][0]

    def _make_view(self, name: str, table: str, files: Sequence[LiveFile]) -> None:
        """A relation over these files, with `path` and `row_number`; columns they lack are NULL."""
        columns = _COLUMNS[table] + _OWN_COLUMNS.get(table, "")
        columns += "".join(f", {column} varchar" for column in _HASHES.get(table, ()))
        nulls = ", ".join(f"cast(null as {kind}) as {column}" for column, kind in _pairs(columns))
        sql = f"select {nulls}, cast(null as varchar) as path, cast(null as bigint) as row_number where false"
        if files:
            # Names are our own: table, validated date, hash; the data root is quoted as a literal.
            paths = ", ".join("'" + str(self._settings.home / file.path).replace("'", "''") + "'" for file in files)
            sql += (
                f" union all by name select columns(lambda name: list_contains({_names(columns)}, name)), "
                f"substr(filename, {len(str(self._settings.home)) + 2}) as path, file_row_number as row_number "
                f"from read_parquet([{paths}], union_by_name = true, hive_partitioning = false, filename = true, "
                "file_row_number = true)"
            )
        self._execute(f"create or replace view {name} as {sql}")

    def _find_last_days(self) -> None:
        self._execute(
            "create table last_days as select organization_id, coalesce(?, least(max(event_date), ?)) as as_of "
            "from runs anti join deleted using (organization_id, run_id) group by 1",
            [self._as_of, self._latest],
        )

    def _find_terms(self) -> None:
        """What is declared of each organization and source: the most specific entry holds, all of it."""
        pairs = self._execute("select distinct organization_id, format from units").fetchall()
        rows = [(*pair, self._declared(*pair)) for pair in pairs]
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
        for table, run in _RUN.items():
            keeps = " and records.event_type <> 'deletion'" if table == "events" else ""
            self._add(
                table,
                f"from {table} as records inner join expired "
                f"on records.organization_id = expired.organization_id and ({_of('records', run)}) = expired.run_id "
                f"where true{keeps}",
                reason=RECORDS_EXPIRED,
                rule=rule.format("expired"),
                as_of="expired.as_of",
            )
        for table in _CHILDREN:
            run = _of("records", _RUN[table])
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
        if not self._count("deleted"):
            return
        events = [file.path for file in self._snapshot.files("events")]
        new = self._execute(
            "select count(*) from events where event_type = 'deletion' and run_id is not null and not "
            "list_contains(?::varchar[], path)",
            [[path for path in events if path in self._seen]],
        ).fetchall()[0][0]
        for table, run in _RUN.items():
            # A deletion that was seen before has emptied the files that were there before.
            files = [file for file in self._snapshot.files(table) if new or file.path not in self._seen]
            self._make_view(f"unseen_{table}", table, files)
            keeps = " and records.event_type <> 'deletion'" if table == "events" else ""
            self._add(
                table,
                f"from unseen_{table} as records inner join deleted on records.organization_id = "
                f"deleted.organization_id and ({_of('records', run)}) = deleted.run_id "
                "left join last_days on records.organization_id = last_days.organization_id "
                "where not exists (select 1 from gone where gone.path = records.path "
                f"and gone.row_number = records.row_number){keeps}",
                reason=RUN_DELETED,
                rule="'deletion of ' || coalesce(strftime(deleted.asked_on, '%Y-%m-%d'), 'an undated event')",
                as_of="coalesce(last_days.as_of, deleted.asked_on)",
            )
        self._add_parts_of_events(RUN_DELETED, ("unmapped_fields",))

    def _add_parts_of_events(self, reason: str, tables: Sequence[str]) -> None:
        """What belongs to an event rather than to a run goes when no record of the event is left."""
        if not self._count(f"gone where reason = '{reason}'"):
            return
        left = " union all ".join(
            f"select organization_id, event_id from {table} as records semi join gone "
            "on records.organization_id = gone.organization_id and records.event_id = gone.event_id "
            "where not exists (select 1 from gone where gone.path = records.path "
            "and gone.row_number = records.row_number)"
            for table in _RUN
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
        columns = ", ".join(f"records.{name}" for name, _ in _pairs(_RECORD))
        self._execute(
            f"insert into gone select '{table}', records.path, records.row_number, {columns}, records.event_id, "
            f"'{reason}', {rule}, {as_of} {source}"
        )

    def _add_expired_texts(self) -> None:
        """Texts past the day they were kept until; a shorter time that is declared by now counts for them too."""
        self._execute(
            f"""
            insert into gone
            select
                'payloads', path, row_number, payloads.organization_id, null, payloads.event_date, payloads.batch_id,
                payloads.source_file_sha256, sha256, '{TEXT_EXPIRED}',
                case
                    when expires_on <= last_days.as_of then 'expires_on ' || strftime(expires_on, '%Y-%m-%d')
                    else 'retention_days ' || text_days
                end,
                last_days.as_of
            from payloads
            inner join last_days using (organization_id)
            left join (select batch_id, any_value(format) as format from ledger group by 1) as batches using (batch_id)
            left join terms
                on payloads.organization_id = terms.organization_id and batches.format = terms.format
            where least(expires_on, payloads.event_date + text_days) <= last_days.as_of
            """
        )

    def _add_unnamed_texts(self) -> None:
        """Texts that only records named which are gone; landed again with a deleted run's log, none names them."""
        has_gone = self._count("gone where landed_table <> 'payloads'")
        # Where no record goes, only a text that came since may be of a run that went before.
        texts = self._files("payloads")
        texts = texts if has_gone else [file for file in texts if file.path not in self._seen]
        if not texts or not (has_gone or self._count("deleted")):
            return
        self._make_view("texts", "payloads", texts)
        named = {
            kind: " union all ".join(
                f"select organization_id, {column} as sha256 from {table} as records where {column} is not null "
                f"and {'' if kind == 'gone' else 'not '}exists (select 1 from gone where gone.path = records.path "
                f"and gone.row_number = records.row_number{' and gone.reason = ' + _EXPIRED if kind == 'gone' else ''})"
                for table, columns in _HASHES.items()
                for column in columns
            )
            for kind in ("gone", "left")
        }
        self._execute(
            f"""
            insert into gone
            select
                'payloads', path, row_number, texts.organization_id, null, event_date, batch_id, source_file_sha256,
                texts.sha256,
                case when expired.sha256 is null then '{RUN_DELETED}' else '{RECORDS_EXPIRED}' end,
                'no record names it', last_days.as_of
            from texts
            left join last_days using (organization_id)
            left join (select distinct * from ({named["gone"]})) as expired
                on texts.organization_id = expired.organization_id and texts.sha256 = expired.sha256
            where
                not exists (
                    select 1 from gone where gone.path = texts.path and gone.row_number = texts.row_number
                )
                and (texts.organization_id, texts.sha256) not in (
                    select (organization_id, sha256) from ({named["left"]})
                )
            """
        )

    def _add_expired_bytes(self) -> None:
        """Bytes of quarantined units belong to no organization: those whose records came in the same file must all be
        that far, or any, when none has a record of it left."""
        self._execute(
            f"""
            insert into gone
            select
                'quarantine', path, row_number, null, null, null, batch_id, source_file_sha256, raw_sha256,
                '{BYTES_EXPIRED}', 'expires_on ' || strftime(expires_on, '%Y-%m-%d'),
                coalesce(batches.as_of, last_day.as_of)
            from quarantine
            cross join (select max(as_of) as as_of from last_days) as last_day
            left join (
                select units.batch_id, min(last_days.as_of) as as_of
                from (select distinct organization_id, batch_id from units) as units
                inner join last_days using (organization_id)
                group by 1
            ) as batches using (batch_id)
            where raw_bytes is not null and expires_on <= coalesce(batches.as_of, last_day.as_of)
            """
        )


_EXPIRED = f"'{RECORDS_EXPIRED}'"


def _pairs(columns: str) -> list[tuple[str, str]]:
    """Names and types of a list of columns as SQL has it."""
    return [(name, kind) for name, kind in (column.split() for column in columns.split(","))]


def _names(columns: str) -> str:
    return "[" + ", ".join(f"'{name}'" for name, _ in _pairs(columns)) + "]"


def _of(alias: str, run: str) -> str:
    """The run of a record, its columns with their relation."""
    for column in ("run_id", "target_type", "target_id"):
        run = run.replace(column, f"{alias}.{column}")
    return run
