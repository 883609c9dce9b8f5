"""The ledger as landing reads it: what is known of a file's content, and of the path it lies at."""

from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from dagster_project import records
from dagster_project.settings import Settings
from dagster_project.snapshots import Snapshot

Row = dict[str, Any]


class Ledger:
    """The latest row of each batch, found by content or by path. Grows with each commit of this landing."""

    def __init__(self, rows: list[Row]) -> None:
        self._by_content: dict[str, dict[str, Row]] = {}
        self._by_identity: dict[str, Row] = {}
        self._by_path: dict[str, Row] = {}
        for row in sorted(rows, key=lambda row: row["commit_number"]):
            self.add(row)

    @classmethod
    def read(cls, settings: Settings, snapshot: Snapshot) -> "Ledger":
        """All rows of the snapshot."""
        tables = [pq.ParquetFile(settings.home / file.path).read() for file in snapshot.files("ledger")]
        rows = [row for table in tables for row in records.in_columns_of(table, records.LEDGER).to_pylist()]
        return cls(rows)

    def add(self, row: Row) -> None:
        """Take a newer row."""
        identity_sha256 = identity_of(row)
        self._by_content.setdefault(row["source_file_sha256"], {})[identity_sha256] = row
        self._by_identity[identity_sha256] = row
        self._by_path[row["source_path"]] = row

    def of_content(self, sha256: str) -> Row | None:
        """The latest row of a file of exactly this content, wherever it lay."""
        return next(reversed(self.all_of_content(sha256)), None)

    def all_of_content(self, sha256: str) -> list[Row]:
        """The latest row of each batch of exactly this content: more than one when paths tell them apart."""
        return list(self._by_content.get(sha256, {}).values())

    def of_identity(self, sha256: str) -> Row | None:
        """The latest row of this content where its path says the same as this one's; see FileFacts.identity."""
        return self._by_identity.get(sha256)

    def of_path(self, display: str) -> Row | None:
        """The latest row of a file at this path."""
        return self._by_path.get(display)

    def has_size(self, file_bytes: int) -> bool:
        """Whether any file is of this size: content that has landed can only be in such a one."""
        return any(row["file_bytes"] == file_bytes for row in self._by_identity.values())


def identity_of(row: Row) -> str:
    """The hash of the content and of what its path adds to identity; see FileFacts.identity."""
    return row["identity_sha256"] or row["source_file_sha256"]


def depends_on_path(row: Row) -> bool:
    """Whether equal content at another path may be another batch."""
    return identity_of(row) != row["source_file_sha256"]


def ledger_table(rows: list[Row]) -> pa.Table:
    """The rows as Arrow. Raises AssertionError when a row does not add up: that would be a bug of ours."""
    for row in rows:
        parts = ("landed_count", "quarantined_count", "duplicate_count", "blank_count", "pending_count")
        total = sum(row[part] for part in parts)
        if total != row["unit_count"]:
            raise AssertionError(f"the ledger row of {row['source_path']} does not add up: {row}")
    packed = [{**row, "record_counts": sorted(dict(row["record_counts"]).items())} for row in rows]
    return pa.Table.from_pylist(packed, schema=records.LEDGER)
