"""Expired records are archived before they go, where an archive is set: a folder, or a prefix of an object store.

It is laid out as the data root is, so that a tombstone's path says in which folder its rows lie. A landed file of which
nothing is left is copied as it is, and else its expired rows; files are named by the hash of their bytes, and read back
before anything is removed. Killed and done again, the same files are written again. Texts, bytes and deleted runs are
never archived: their removal is what was asked for.
"""

import hashlib
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

import duckdb

from dagster_project import durable, records, s3
from dagster_project.errors import ReliabilityError
from dagster_project.landing.retention.expired_rows import SCHEMAS, row_counts, row_numbers, rows_among
from dagster_project.landing.writing.parquet_files import write_rows
from dagster_project.settings import ARCHIVE_VARIABLE, Settings
from dagster_project.snapshots import HASH_NAME_CHARACTERS, Snapshot

if TYPE_CHECKING:
    from pyarrow import fs

_CHUNK = 1 << 20


def archive_expired(
    settings: Settings, snapshot: Snapshot, connection: duckdb.DuckDBPyConnection, *, work: Path
) -> int:
    """Put the snapshot's records that are in the search's table `archivable` into the archive; how many rows.

    Raises ReliabilityError when the archive fails or gives back other bytes.
    """
    files = {file.path: (table, file) for table in records.TABLES for file in snapshot.files(table)}
    found = connection.table("archivable")
    if not (counts := row_counts(found)):
        return 0
    archive = _Archive(settings)
    for path, count in counts:
        table, file = files[path]
        if count == file.rows:
            archive.put(settings.home / path, path)
            continue
        expired = work / "expired.parquet"
        rows = rows_among(settings.home / path, table, row_numbers(found, path))
        write_rows(rows, schema=SCHEMAS[table], path=expired)
        name = f"{_sha256(expired.open('rb'))[:HASH_NAME_CHARACTERS]}.parquet"
        archive.put(expired, Path(path).with_name(name).as_posix())
    return sum(count for _, count in counts)


class _Archive:
    """The archive that the settings name; `put` returns when what is there has been read back and found whole."""

    def __init__(self, settings: Settings) -> None:
        assert settings.archive is not None
        self._address = settings.archive
        self._store: fs.FileSystem | None = s3.connect() if self._address.startswith("s3://") else None

    def put(self, file: Path, name: str) -> None:
        """Copy the file to `name`, a path relative to a data root."""
        try:
            sha256 = self._to_store(file, name) if self._store else self._to_folder(file, name)
        except OSError as error:
            raise ReliabilityError(
                f"The archive {self._address} failed: {s3.without_credentials(str(error))}. Nothing was removed.",
                remedy=f"Mend it, or unset {ARCHIVE_VARIABLE}, and run again.",
            ) from None
        if sha256 != _sha256(file.open("rb")):
            raise ReliabilityError(
                f"The archive {self._address} does not give back what was written to {name}. Nothing was removed.",
                remedy="Look for its fault and run again.",
            )

    def _to_folder(self, file: Path, name: str) -> str:
        path = Path(self._address) / name
        durable.write_with(path, lambda partial: _copied(file, partial), mode=0o600)
        return _sha256(path.open("rb"))

    def _to_store(self, file: Path, name: str) -> str:
        assert self._store
        path = f"{self._address.removeprefix('s3://').rstrip('/')}/{name}"
        with file.open("rb") as source, self._store.open_output_stream(path) as target:
            shutil.copyfileobj(source, target, _CHUNK)
        return _sha256(self._store.open_input_stream(path))


def _copied(source: Path, target: Path) -> None:
    shutil.copyfile(source, target)


def _sha256(stream: "BinaryIO | fs.NativeFile") -> str:
    digest = hashlib.sha256()
    with stream:
        while chunk := stream.read(_CHUNK):
            digest.update(chunk)
    return digest.hexdigest()
