"""The private warehouse file that dbt writes: made afresh, with the landed tables registered as views."""

from collections.abc import Generator, Mapping
from contextlib import contextmanager
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from dagster_project import durable, records
from dagster_project.settings import Settings
from dagster_project.snapshots import LiveFile, Snapshot

_DUCKDB_TYPES = {
    records.TEXT: "varchar",
    records.COUNT: "bigint",
    records.REAL: "double",
    records.FLAG: "boolean",
    records.DAY: "date",
    records.INSTANT: "timestamp",
    records.LABELS: "map(varchar, varchar)",
    records.TEXTS: "varchar[]",
    pa.map_(pa.string(), pa.int64()): "map(varchar, bigint)",
    pa.binary(): "blob",
}

LANDED_SCHEMAS: dict[str, pa.Schema] = {
    **records.TABLES,
    "payloads": records.PAYLOADS,
    "ledger": records.LEDGER,
    "quarantine": records.QUARANTINE,
}
"""Arrow schema of every table a snapshot may name."""


def warehouse_file(settings: Settings) -> Path:
    """The writer's own file; nobody else ever opens it."""
    return settings.warehouse / "reliability.duckdb"


def prepare_warehouse(
    settings: Settings, snapshot: Snapshot, *, declared: Mapping[str, pa.Table], functions: str = ""
) -> Path:
    """Make a fresh warehouse file with schemas `landed` (views) and `declared` (tables).

    `functions` is SQL that defines the generated functions (the failure classifier). Any file an earlier,
    perhaps killed, build left is removed first: a stale write-ahead log makes a database unopenable.
    """
    path = warehouse_file(settings)
    durable.make_folder(path.parent)
    for leftover in (path, path.with_name(path.name + ".wal")):
        leftover.unlink(missing_ok=True)
    with duckdb.connect(str(path)) as connection:
        connection.execute("create schema landed; create schema declared; create schema functions")
        for table, schema in LANDED_SCHEMAS.items():
            connection.execute(_landed_view(settings, table, schema, snapshot.files(table)))
        for name, rows in declared.items():
            connection.register("declared_rows", rows)
            connection.execute(f'create table declared."{name}" as select * from declared_rows')  # noqa: S608
            connection.unregister("declared_rows")
        if functions:
            connection.execute(functions)
    return path


@contextmanager
def open_landed(settings: Settings, snapshot: Snapshot) -> Generator[duckdb.DuckDBPyConnection]:
    """A database in memory with schema `landed`: views over the snapshot's files, apart from any build."""
    with duckdb.connect(":memory:") as connection:
        connection.execute("create schema landed")
        for table, schema in LANDED_SCHEMAS.items():
            connection.execute(_landed_view(settings, table, schema, snapshot.files(table)))
        yield connection


def _landed_view(settings: Settings, table: str, schema: pa.Schema, files: list[LiveFile]) -> str:
    """A view over exactly the files the snapshot names, or an empty relation of the same shape.

    Columns that a file landed before they were known are NULL in it. Paths hold only our own names (table,
    validated date, hash) below the data root, quoted as a literal.
    """
    columns = ", ".join(f'"{field.name}"' for field in schema)
    typed = ", ".join(f'cast(null as {_DUCKDB_TYPES[field.type]}) as "{field.name}"' for field in schema)
    empty = f"select {typed} where false"
    if not files:
        return f'create view landed."{table}" as {empty}'
    paths = [settings.home / file.path for file in files]
    quoted = ", ".join("'" + str(path).replace("'", "''") + "'" for path in paths)
    source = f"read_parquet([{quoted}], hive_partitioning = false, union_by_name = false)"
    if not all(_has_columns(path, schema) for path in paths):
        by_name = source.replace("union_by_name = false)", "union_by_name = true)")
        source = f"({empty} union all by name select * from {by_name})"  # noqa: S608
    return f'create view landed."{table}" as select {columns} from {source}'  # noqa: S608


def _has_columns(path: Path, schema: pa.Schema) -> bool:
    """Whether the file was written with every column that the table has now. Raises OSError."""
    return set(schema.names) <= set(pq.read_schema(path).names)


def pinned_snapshot_number(settings: Settings) -> int:
    """The landed snapshot that the private warehouse was prepared for."""
    with duckdb.connect(str(warehouse_file(settings)), read_only=True) as connection:
        return connection.execute("select snapshot_number from declared.build").fetchall()[0][0]


def row_counts(settings: Settings) -> dict[tuple[str, str], int]:
    """Rows of every table in the private warehouse, by (schema, table); views have none."""
    with duckdb.connect(str(warehouse_file(settings)), read_only=True) as connection:
        tables = connection.execute("select schema_name, table_name, estimated_size from duckdb_tables()").fetchall()
    return {(schema, table): rows for schema, table, rows in tables}
