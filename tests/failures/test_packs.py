"""SQL and Python say the same of every error message that the data packs hold: code, evidence, masks and keys."""

from pathlib import Path

import duckdb
import pytest

from dagster_project.pipeline import land
from dagster_project.settings import Settings
from dagster_project.snapshots import read_snapshot
from tests.failures.test_sql import SHIPPED, python_answers, sql_answers

pytestmark = pytest.mark.slow


def test_sql_and_python_agree_on_every_message_of_all_packs(shared: Path, tmp_path: Path):
    settings = Settings(home=tmp_path, workers=2)
    land(settings, [shared / "data-packs"])
    files = [str(settings.home / file.path) for file in read_snapshot(settings).files("errors")]
    with duckdb.connect() as connection:
        rows = connection.execute(
            "select distinct source, phase, message from read_parquet($1) where message is not null order by all",
            [files],
        ).fetchall()
    assert len(rows) > 400
    assert sql_answers(SHIPPED, rows) == python_answers(SHIPPED, rows)
