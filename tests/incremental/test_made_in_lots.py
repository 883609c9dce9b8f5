"""Models that are made lot by lot for memory's sake: the lots together are the whole, whatever their number."""

from itertools import chain
from pathlib import Path

import duckdb
import pytest

from dagster_project.publishing.warehouse import warehouse_file
from dagster_project.settings import Settings
from tests.incremental.events import DECLARED, draw_pool
from tests.incremental.models import Model, register, run_models
from tests.incremental.test_arrival_orders import land

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("incremental")]

BUILD = {"build_id": "build", "snapshot_number": 1, "snapshot_sha256": "", "as_of": None}
LOTS = 3
IN_LOTS = {"int_runs", "int_conversation_messages", "int_conversations", "int_benchmark_tasks", "benchmark_tasks"}


def test_lots_share_no_row_and_leave_none_out(compiled: tuple[list[Model], list[str]], tmp_path: Path) -> None:
    models, _ = compiled
    settings = Settings(home=tmp_path, workers=1)
    land(settings, draw_pool(1))
    run_models(settings, models, declared={**DECLARED, "build": [BUILD]})
    in_lots = [model for model in models if "getvariable('lot')" in model.sql]
    assert {model.name for model in in_lots} == IN_LOTS
    with duckdb.connect(str(warehouse_file(settings)), read_only=True) as connection:
        register(connection)
        for model in in_lots:
            whole = rows(connection, model)
            lots = [rows(connection, model, lot=lot) for lot in range(LOTS)]
            assert sorted(chain.from_iterable(lots)) == sorted(whole), model.name
            assert max(map(len, lots)) < len(whole), model.name


def rows(connection: duckdb.DuckDBPyConnection, model: Model, *, lot: int | None = None) -> list[str]:
    connection.execute(f"set variable lots = {1 if lot is None else LOTS}::ubigint")
    connection.execute(f"set variable lot = {lot or 0}::ubigint")
    return [str(row) for row in connection.execute(model.sql).fetchall()]
