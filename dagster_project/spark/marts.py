"""The marts that Spark wrote, handed to the private DuckDB file: what follows (audit, publish, query) is one thing."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlparse

import duckdb
import msgspec

from dagster_project.publishing.warehouse import warehouse_file
from dagster_project.settings import Settings

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

_NULL_PARTITION = "__HIVE_DEFAULT_PARTITION__"


class MartFiles(msgspec.Struct, frozen=True):
    """A mart as Spark left it: its columns with their types, the Parquet files, the columns that name folders."""

    name: str
    columns: tuple[tuple[str, str], ...]
    files: tuple[str, ...]
    folder_columns: frozenset[str]


def list_marts(session: "SparkSession") -> list[MartFiles]:
    """Every table of schema `marts`."""
    return [_mart(session, table.name) for table in session.catalog.listTables("marts") if not table.isTemporary]


def _mart(session: "SparkSession", name: str) -> MartFiles:
    frame = session.table(f"marts.{name}")
    catalog: list[Any] = session.catalog.listColumns(f"marts.{name}")
    return MartFiles(
        name=name,
        columns=tuple((field.name, field.dataType.simpleString()) for field in frame.schema),
        files=tuple(sorted(_local(uri) for uri in frame.inputFiles())),
        folder_columns=frozenset(column.name for column in catalog if column.isPartition),
    )


def take_marts(settings: Settings, marts: list[MartFiles], *, contracts: Mapping[str, Sequence[str]]) -> None:
    """Copy the marts into schema `marts` of the private warehouse file, in one transaction.

    Columns in the order of the contract of their mart: Spark puts the one that names folders last.
    """
    with duckdb.connect(str(warehouse_file(settings))) as connection:
        connection.execute("set TimeZone = 'UTC'")
        connection.execute("begin; create schema if not exists marts")
        for mart in marts:
            sql = _copy_sql(_in_order(mart, contracts.get(mart.name, ())))
            connection.execute(sql, [list(mart.files)] if mart.files else [])
        connection.execute("commit")


def _in_order(mart: MartFiles, names: Sequence[str]) -> MartFiles:
    place = {name: number for number, name in enumerate(names)}
    columns = sorted(mart.columns, key=lambda column: place.get(column[0], len(place)))
    return msgspec.structs.replace(mart, columns=tuple(columns))


def _copy_sql(mart: MartFiles) -> str:
    if not mart.files:
        columns = ", ".join(f"cast(null as {_duckdb_type(kind)}) as {_quoted(name)}" for name, kind in mart.columns)
        return f"create or replace table marts.{_quoted(mart.name)} as select {columns} where false"
    columns = ", ".join(_taken(mart, name, kind) for name, kind in mart.columns)
    source = "read_parquet(?, hive_partitioning = true, hive_types_autocast = false)"
    return f"create or replace table marts.{_quoted(mart.name)} as select {columns} from {source}"  # noqa: S608


def _taken(mart: MartFiles, name: str, kind: str) -> str:
    value = f"nullif({_quoted(name)}, '{_NULL_PARTITION}')" if name in mart.folder_columns else _quoted(name)
    return f"cast({value} as {_duckdb_type(kind)}) as {_quoted(name)}"


def _duckdb_type(kind: str) -> str:
    """Spark's name of a type in DuckDB's words; those it does not know are the same in both."""
    if kind.startswith("array<"):
        return _duckdb_type(kind[len("array<") : -1]) + "[]"
    if kind.startswith("map<"):
        key, value = kind[len("map<") : -1].split(",", 1)
        return f"map({_duckdb_type(key)}, {_duckdb_type(value)})"
    return {"string": "varchar", "int": "integer", "binary": "blob"}.get(kind, kind)


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _local(uri: str) -> str:
    return str(Path(unquote(urlparse(uri).path)))
