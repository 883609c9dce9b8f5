"""Immutable Parquet files of rows, named by the hash of their bytes: the same rows give the same bytes."""

import datetime as dt
import hashlib
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from dagster_project import durable
from dagster_project.landing.writing.moves import Move
from dagster_project.settings import Settings
from dagster_project.snapshots import HASH_NAME_CHARACTERS, LiveFile

ROW_GROUP_ROWS = 122_880
_ROWS_AT_ONCE = 8192
# Columns whose values recur enough for a dictionary to pay; ids and hashes are written plainly.
_DICTIONARY_COLUMNS = frozenset(
    {
        "organization_id", "unit_kind", "kind", "agent_id", "agent_version", "workflow_name", "suite_id",
        "suite_version", "task_id", "variant_id", "provider", "model", "time_quality", "termination", "error_type",
        "outcome", "outcome_source", "attribution", "cost_source", "git_commit", "config_hash", "name", "status",
        "request_model", "response_model", "finish_reason", "usage_convention", "tool_name", "role", "target_type",
        "label", "scorer", "scorer_kind", "source", "phase", "code_declared", "top_frame", "event_type",
        "record_kind", "field_name", "field_type", "batch_id", "source_file_sha256", "format", "format_version",
        "source_path", "reason", "payload_kind", "consent", "event_date", "attempt",
    }
)  # fmt: skip


def write_table(
    settings: Settings,
    tables: Iterable[pa.Table],
    *,
    schema: pa.Schema,
    scratch: Path,
    folder: Path,
    event_date: dt.date | None = None,
    mode: int = 0o644,
) -> LiveFile | None:
    """Write the tables' rows as one durable Parquet file in `folder`, named by the hash of its bytes.

    None, and no file, when there is no row. Memory holds one row group and one of the tables.
    """
    written = write_unnamed(settings, tables, schema=schema, scratch=scratch, folder=folder, event_date=event_date)
    if written is None:
        return None
    file, move = written
    durable.move_synced(move.written, move.path, mode=mode)
    return file


def write_unnamed(
    settings: Settings,
    tables: Iterable[pa.Table],
    *,
    schema: pa.Schema,
    scratch: Path,
    folder: Path,
    event_date: dt.date | None = None,
    completed: Callable[[pa.Table], pa.Table] | None = None,
) -> tuple[LiveFile, Move] | None:
    """The written file as it will be, and the move that makes it so."""
    row_count = write_rows(tables, schema=schema, path=scratch, completed=completed)
    if not row_count:
        return None
    with scratch.open("rb") as handle:
        sha256 = hashlib.file_digest(handle, "sha256").hexdigest()
    path = folder / f"{sha256[:HASH_NAME_CHARACTERS]}.parquet"
    file = LiveFile(str(path.relative_to(settings.home)), row_count, scratch.stat().st_size, event_date)
    return file, Move(scratch, path)


def write_rows(
    tables: Iterable[pa.Table],
    *,
    schema: pa.Schema,
    path: Path,
    completed: Callable[[pa.Table], pa.Table] | None = None,
) -> int:
    """Write the tables' rows as one Parquet file, the same bytes for the same rows; how many. No row: no file.

    The tables have the schema's columns, or `completed` gives these to the rows of a row group; a dictionary counts as
    its values.
    """
    row_count = 0
    writer: pq.ParquetWriter | None = None
    for gathered in _row_groups(tables):
        group = gathered if completed is None else completed(gathered)
        if writer is None:
            hashes = [name for name in schema.names if name.endswith("sha256") and name not in _DICTIONARY_COLUMNS]
            writer = pq.ParquetWriter(
                path,
                group.schema,
                compression="zstd",
                compression_level=1,
                use_dictionary=[name for name in schema.names if name in _DICTIONARY_COLUMNS],
                # Lengths between hashes look like repetitions, one by one, to the compression.
                column_encoding=dict.fromkeys(hashes, "DELTA_LENGTH_BYTE_ARRAY"),
                write_statistics=[name for name in schema.names if name not in hashes],
                write_batch_size=_ROWS_AT_ONCE,
                store_schema=False,  # it would say which columns were dictionaries
            )
        writer.write_table(group, row_group_size=ROW_GROUP_ROWS)
        row_count += len(group)
    if writer is not None:
        writer.close()
    return row_count


def _row_groups(tables: Iterable[pa.Table]) -> Iterator[pa.Table]:
    """The same rows in contiguous tables of ROW_GROUP_ROWS, the last one shorter: how they came does not show."""
    waiting: list[pa.Table] = []
    waiting_rows = 0
    for table in tables:
        waiting.append(table)
        waiting_rows += len(table)
        if waiting_rows >= ROW_GROUP_ROWS:
            whole = pa.concat_tables(waiting, promote_options="default")
            while len(whole) >= ROW_GROUP_ROWS:
                yield whole.slice(0, ROW_GROUP_ROWS).combine_chunks()
                whole = whole.slice(ROW_GROUP_ROWS)
            waiting, waiting_rows = [whole], len(whole)
    if waiting_rows:
        yield pa.concat_tables(waiting, promote_options="default").combine_chunks()
