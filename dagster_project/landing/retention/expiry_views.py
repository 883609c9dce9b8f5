"""What a search for rows that must go sees of landed tables: ids, dates and hashes, never a text."""

# ruff: noqa: S608 - texts of this module; names are tables and columns of ours, paths are quoted

from collections.abc import Sequence
from pathlib import Path

import duckdb

from dagster_project.settings import Settings
from dagster_project.snapshots import LiveFile, Snapshot

RECORDS_EXPIRED, RUN_DELETED, TEXT_EXPIRED, BYTES_EXPIRED = (
    "records_expired", "run_deleted", "text_expired", "bytes_expired",
)  # fmt: skip

RUN_OF = {
    **dict.fromkeys(("runs", "steps", "llm_calls", "tool_calls", "messages", "errors", "events"), "run_id"),
    "scores": "case when run_id is not null then run_id when target_type = 'run' then target_id end",
}
"""The run that a record of each table belongs to."""
CHILDREN = tuple(table for table in RUN_OF if table != "runs")
HASHES = {
    "runs": ("message_sha256", "input_sha256", "output_sha256"),
    "tool_calls": ("arguments_sha256", "result_sha256"),
    "messages": ("content_sha256",),
    "scores": ("output_sha256",),
    "unmapped_fields": ("value_sha256",),
}
"""Where facts name texts."""
RECORD = "organization_id varchar, event_id varchar, event_date date, batch_id varchar, source_file_sha256 varchar"
COLUMNS = {
    **dict.fromkeys((*RUN_OF, "units", "unmapped_fields"), f"{RECORD}, format varchar"),
    "payloads": "organization_id varchar, sha256 varchar, event_date date, expires_on date, batch_id varchar, "
    "source_file_sha256 varchar",
    "quarantine": "batch_id varchar, source_file_sha256 varchar, unit_number bigint, raw_sha256 varchar, "
    "raw_bytes blob, expires_on date",
    "ledger": "batch_id varchar, format varchar",
}
_OWN_COLUMNS = {
    **dict.fromkeys(RUN_OF, ", run_id varchar"),
    "scores": ", run_id varchar, target_type varchar, target_id varchar",
    "events": ", run_id varchar, event_type varchar",
}


class LandedViews:
    """Views over a snapshot's files, in a scratch database."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, settings: Settings, snapshot: Snapshot) -> None:
        self.execute = connection.execute
        self._home = settings.home
        self._snapshot = snapshot

    def files(self, table: str) -> list[LiveFile]:
        """The live files; the folder of texts may be emptied by hand."""
        files = self._snapshot.files(table)
        return files if table != "payloads" else [file for file in files if (self._home / file.path).exists()]

    def count(self, rows: str) -> int:
        """How many rows these are, a relation with its conditions."""
        return self.execute(f"select count(*) from {rows}").fetchall()[0][0]

    def make(self, name: str, table: str, files: Sequence[LiveFile]) -> None:
        """Make the view, or another in its place."""
        self.execute(f"create or replace view {name} as {_view_over(table, files, home=self._home)}")


def _view_over(table: str, files: Sequence[LiveFile], *, home: Path) -> str:
    """SQL of a relation over these files of the table, with `path` and `row_number`; columns they lack are NULL."""
    columns = COLUMNS[table] + _OWN_COLUMNS.get(table, "")
    columns += "".join(f", {column} varchar" for column in HASHES.get(table, ()))
    nulls = ", ".join(f"cast(null as {kind}) as {column}" for column, kind in pairs(columns))
    sql = f"select {nulls}, cast(null as varchar) as path, cast(null as bigint) as row_number where false"
    if files:
        # Names are our own: table, validated date, hash; the data root is quoted as a literal.
        paths = ", ".join("'" + str(home / file.path).replace("'", "''") + "'" for file in files)
        sql += (
            f" union all by name select columns(lambda name: list_contains({_names(columns)}, name)), "
            f"substr(filename, {len(str(home)) + 2}) as path, file_row_number as row_number "
            f"from read_parquet([{paths}], union_by_name = true, hive_partitioning = false, filename = true, "
            "file_row_number = true)"
        )
    return sql


def pairs(columns: str) -> list[tuple[str, str]]:
    """Names and types of a list of columns as SQL has it."""
    return [(name, kind) for name, kind in (column.split() for column in columns.split(","))]


def _names(columns: str) -> str:
    return "[" + ", ".join(f"'{name}'" for name, _ in pairs(columns)) + "]"


def run_of(alias: str, run: str) -> str:
    """The run of a record, its columns with their relation."""
    for column in ("run_id", "target_type", "target_id"):
        run = run.replace(column, f"{alias}.{column}")
    return run
