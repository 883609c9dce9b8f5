"""Renders our SQL macros outside dbt: the macro files in one Jinja environment, with dbt's dispatch stood in for.

On DuckDB, or within `on_spark` as Spark gets them and in its session.
"""

import functools
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import duckdb
import jinja2
import pyarrow as pa

from dagster_project.statistics.functions import register

_MACROS = Path(__file__).resolve().parents[2] / "dbt" / "macros"
_ENGINE = ("in_order.sql", "log_gamma.sql", "sorted_values.sql")
_METRICS = ("interval_bound.sql", "meets.sql", "spread.sql")
_FILES = [
    *(_MACROS / "engine" / name for name in _ENGINE),
    *sorted((_MACROS / "statistics").glob("*.sql")),
    *(_MACROS / "metrics" / name for name in _METRICS),
]
_spark: list[Any] = []
"""The session in use, if any."""


@contextmanager
def on_spark(session: Any) -> Generator[None]:
    """Render and query for Spark, in this session with our functions registered."""
    _spark.append(session)
    try:
        yield
    finally:
        _spark.pop()


@functools.cache
def _macros() -> jinja2.environment.TemplateModule:
    environment = jinja2.Environment(extensions=["jinja2.ext.do"], undefined=jinja2.StrictUndefined)
    environment.globals["adapter"] = SimpleNamespace(dispatch=_dispatch)
    # In dbt, return() hands its value to the caller; printed in place, the rendered text is the same.
    environment.globals["return"] = str
    environment.globals["exceptions"] = SimpleNamespace(raise_compiler_error=_raise)
    return environment.from_string("\n".join(file.read_text(encoding="utf-8") for file in _FILES)).module


def _dispatch(name: str) -> Callable[..., str]:
    return getattr(_macros(), f"{'spark' if _spark else 'duckdb'}__{name}")


def _raise(message: str) -> None:
    raise ValueError(message)


def render(macro: str, *arguments: object, **named: object) -> str:
    """The SQL a model gets from this macro."""
    return str(getattr(_macros(), macro)(*arguments, **named)).strip()


def query(sql: str, **tables: pa.Table | dict) -> list[tuple]:
    """Rows of a query over Arrow tables (or plain columns), with our SQL functions registered."""
    if _spark:
        for name, rows in tables.items():
            arrow = pa.table(rows) if isinstance(rows, dict) else rows
            _spark[-1].createDataFrame(arrow).createOrReplaceTempView(name)
        return [tuple(row) for row in _spark[-1].sql(sql).collect()]
    with duckdb.connect() as connection:
        register(connection)
        for name, rows in tables.items():
            connection.register(name, pa.table(rows) if isinstance(rows, dict) else rows)
        return connection.execute(sql).fetchall()


def column(expression: str, rows: pa.Table | dict) -> list:
    """One expression evaluated on every row of a table whose column `row` holds their order."""
    table = pa.table(rows) if isinstance(rows, dict) else rows
    if "row" not in table.column_names:
        table = table.append_column("row", pa.array(range(table.num_rows)))
    return [value for (value,) in query(f"select {expression} from cases order by row", cases=table)]
