"""Every model run as dbt would run it, from one compilation: a build of a few rows takes a second, not ten.

Which rows a model reads never depends on the kind of build, so the compiled SQL serves them all; only what is done with
its result does, and that is here: a view, a table made anew, or history whose affected dates are replaced.
"""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from graphlib import TopologicalSorter
from pathlib import Path
from typing import Any

import duckdb

from dagster_project.failures import functions as failure_functions
from dagster_project.failures.sql import failure_functions_sql
from dagster_project.publishing.copying import Carried, copy_marts
from dagster_project.publishing.dbt import target_folder
from dagster_project.publishing.history import marts_by_date
from dagster_project.publishing.warehouse import complete_warehouse, prepare_warehouse, warehouse_file
from dagster_project.settings import Settings
from dagster_project.snapshots import read_snapshot
from dagster_project.statistics import functions as statistics_functions
from tests.landed_rows import build_warehouse, declared_tables


@dataclass(frozen=True, kw_only=True)
class Model:
    """A compiled model. `materialized` is view, table or incremental; `is_by_date`: a mart that lies by date."""

    name: str
    relation: str
    sql: str
    materialized: str
    is_by_date: bool


def compile_models(home: Path) -> tuple[list[Model], list[str]]:
    """The models in the order they may run, and the singular tests."""
    settings = Settings(home=home, workers=1)
    finished = build_warehouse(settings, ["compile"])
    assert finished.returncode == 0, finished.stdout
    nodes = json.loads((target_folder(settings) / "manifest.json").read_text(encoding="utf-8"))["nodes"]
    models = {key: node for key, node in nodes.items() if node["resource_type"] == "model"}
    order = TopologicalSorter({key: set(node["depends_on"]["nodes"]) & set(models) for key, node in models.items()})
    tests = [node["compiled_code"] for node in nodes.values() if _is_blocking_test(node)]
    by_date = marts_by_date(target_folder(settings))
    return [_model(models[key], by_date=by_date) for key in order.static_order()], tests


def _is_blocking_test(node: Mapping[str, Any]) -> bool:
    return node["resource_type"] == "test" and node["config"]["severity"].lower() == "error"


def _model(node: Mapping[str, Any], *, by_date: Collection[str]) -> Model:
    return Model(
        name=node["name"],
        relation=f'"{node["schema"]}"."{node["alias"]}"',
        sql=node["compiled_code"],
        materialized=node["config"]["materialized"],
        is_by_date=node["name"] in by_date,
    )


def run_models(
    settings: Settings,
    models: Sequence[Model],
    *,
    declared: Mapping[str, Sequence[Mapping[str, Any]]],
    full_refresh: bool = False,
    stop_after: int | None = None,
) -> bool:
    """Prepare the warehouse over the current snapshot and run the models; whether it carried on an earlier build.

    With `stop_after` that many models run and the build is left as a kill would leave it.
    """
    prepare_warehouse(
        settings,
        read_snapshot(settings),
        declared=declared_tables(settings, declared),
        functions=failure_functions_sql(settings),
        inputs_sha256="the same",
        full_refresh=full_refresh,
    )
    with duckdb.connect(str(warehouse_file(settings))) as connection:
        register(connection)
        connection.execute("set TimeZone = 'UTC'")
        carries_on = connection.execute("select is_complete from kept.state").fetchall() == [(True,)]
        connection.execute("create schema if not exists staging; create schema if not exists intermediate")
        connection.execute("create schema if not exists marts")
        for model in models[:stop_after]:
            _run(connection, model)
    if stop_after is None:
        complete_warehouse(settings)
    return carries_on


def published_marts(settings: Settings, models: Sequence[Model], *, last: Path | None) -> tuple[Path, bool]:
    """A file of the marts as the build in the warehouse is published after `last`; whether it carries that on."""
    warehouse = warehouse_file(settings)
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        build_id = connection.execute("select build_id from declared.build").fetchall()[0][0]
    file = settings.home / f"{build_id}.duckdb"
    file.unlink(missing_ok=True)
    carried = Carried.from_build(warehouse, file=last) if last else None
    copy_marts(settings, warehouse, file, by_date=[model.name for model in models if model.is_by_date], carried=carried)
    return file, carried is not None


def rows_in_order(file: Path) -> dict[str, list[tuple]]:
    """Every row of every mart in a file, as they lie."""
    with duckdb.connect(str(file), read_only=True) as connection:
        names = connection.execute("select table_name from duckdb_tables() where schema_name = 'marts'").fetchall()
        return {name: connection.execute(f"from marts.{name}").fetchall() for (name,) in names}


def register(connection: duckdb.DuckDBPyConnection) -> None:
    for functions in (statistics_functions, failure_functions):
        functions.register(connection)


def _run(connection: duckdb.DuckDBPyConnection, model: Model) -> None:
    schema, name = (part.strip('"') for part in model.relation.split("."))
    exists = connection.execute(
        "select 1 from duckdb_tables() where schema_name = ? and table_name = ?", [schema, name]
    ).fetchall()
    if model.materialized == "view":
        connection.execute(f"create or replace view {model.relation} as {model.sql}")
    elif model.materialized == "table" or not exists:
        connection.execute(f"create or replace table {model.relation} as {model.sql}")
    else:
        connection.execute(f"create or replace temp table derived as {model.sql}")
        affected = "select 1 from declared.affected_dates as affected where affected.event_date is not distinct from"
        connection.execute(f"delete from {model.relation} as old where exists ({affected} old.event_date)")
        connection.execute(
            f"insert into {model.relation} by name from derived where exists ({affected} derived.event_date)"
        )


def failed_tests(settings: Settings, tests: Sequence[str]) -> list[str]:
    """The first line and the rows of each data test that finds something."""
    with duckdb.connect(str(warehouse_file(settings)), read_only=True) as connection:
        register(connection)
        found = [(sql.strip().splitlines()[0], connection.execute(sql).fetchall()) for sql in tests]
    return [f"{title}: {rows[:3]}" for title, rows in found if rows]


def mart_rows(settings: Settings) -> dict[str, list[str]]:
    """Every row of every mart as text, sorted."""
    with duckdb.connect(str(warehouse_file(settings)), read_only=True) as connection:
        names = connection.execute(
            "select table_name from information_schema.tables where table_schema = 'marts' order by 1"
        ).fetchall()
        return {name: sorted(map(repr, connection.execute(f"from marts.{name}").fetchall())) for (name,) in names}
