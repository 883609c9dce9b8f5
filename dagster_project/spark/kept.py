"""The tables that keep history, from one build on Spark to the next.

Each lies by event date. A session's catalog is in memory, so the process notes their columns beside them, and the next
one registers them again, without the dates that it derives anew.
"""

import shutil
from typing import TYPE_CHECKING
from urllib.parse import quote

import duckdb
import msgspec

from dagster_project import durable
from dagster_project.publishing.engine import has_kept, kept_note, spark_tables
from dagster_project.publishing.warehouse import warehouse_file
from dagster_project.settings import Settings
from dagster_project.spark.sql_text import literal

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

SCHEMAS = ("staging", "intermediate", "marts")
_DATE = "event_date"
_NO_DATE = "__HIVE_DEFAULT_PARTITION__"


class KeptTable(msgspec.Struct, frozen=True):
    """A table by event date: its columns as Spark's DDL has them, in order."""

    schema: str
    name: str
    columns: list[tuple[str, str]]


def is_carried_on(settings: Settings) -> bool:
    """Whether the private warehouse was prepared to derive some dates only, on top of the last build's tables."""
    with duckdb.connect(str(warehouse_file(settings)), read_only=True) as connection:
        state = connection.execute("select is_complete from kept.state").fetchall()
    return state == [(True,)] and has_kept(settings)


def register_kept(session: "SparkSession", settings: Settings) -> None:
    """Register the tables that keep history, and remove the affected dates from them and every other table whole."""
    tables = msgspec.json.decode(kept_note(settings).read_bytes(), type=list[KeptTable])
    kept = {spark_tables(settings) / f"{table.schema}.db" / table.name for table in tables}
    for folder in spark_tables(settings).glob("*.db/*"):
        if folder not in kept:
            shutil.rmtree(folder)
    for folder in kept:
        for date in _affected_dates(settings):
            shutil.rmtree(folder / f"{_DATE}={date}", ignore_errors=True)
    for table in tables:
        place = spark_tables(settings) / f"{table.schema}.db" / table.name
        place.mkdir(parents=True, exist_ok=True)
        columns = ", ".join(f"`{name}` {kind}" for name, kind in table.columns)
        session.sql(
            f"create table {table.schema}.`{table.name}` ({columns}) using parquet "
            f"partitioned by ({_DATE}) location {literal(str(place))}"
        )
        # Else it would be empty, and after an insert hold the inserted dates alone.
        session.sql(f"alter table {table.schema}.`{table.name}` recover partitions")


def note_kept(session: "SparkSession", settings: Settings) -> None:
    """Note every table by event date for the next build."""
    tables = [
        _kept(session, schema, table.name)
        for schema in SCHEMAS
        for table in session.catalog.listTables(schema)
        if not table.isTemporary
        and any(column.isPartition for column in session.catalog.listColumns(f"{schema}.{table.name}"))
    ]
    durable.write_bytes(kept_note(settings), msgspec.json.encode(tables))


def _kept(session: "SparkSession", schema: str, name: str) -> KeptTable:
    fields = session.table(f"{schema}.{name}").schema
    return KeptTable(
        schema=schema, name=name, columns=[(field.name, field.dataType.simpleString()) for field in fields]
    )


def _affected_dates(settings: Settings) -> list[str]:
    """As the names of folders have them."""
    with duckdb.connect(str(warehouse_file(settings)), read_only=True) as connection:
        rows = connection.execute("select distinct event_date from declared.affected_dates").fetchall()
    return [_NO_DATE if date is None else quote(date.isoformat()) for (date,) in rows]
