"""What Spark wrote becomes the same tables that DuckDB makes, whatever lies in the names of folders."""

import json
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from dagster_project.publishing.history import columns_of_marts
from dagster_project.publishing.warehouse import warehouse_file
from dagster_project.settings import Settings
from dagster_project.spark.marts import MartFiles, take_marts


def test_columns_have_the_order_of_the_contract(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path, target="spark")
    contract = ["run_id", "event_date", "seq"]
    model = {"resource_type": "model", "name": "steps", "schema": "marts", "columns": {name: {} for name in contract}}
    manifest = json.dumps({"nodes": {"m.steps": model}, "sources": {}})
    (tmp_path / "manifest.json").write_text(manifest, encoding="utf-8")
    file = tmp_path / "event_date=2026-03-01" / "part.parquet"
    file.parent.mkdir()
    pq.write_table(pa.table({"run_id": ["r"], "seq": [1]}), file)
    columns = (("run_id", "string"), ("seq", "bigint"), ("event_date", "date"))
    warehouse_file(settings).parent.mkdir(parents=True, exist_ok=True)
    mart = MartFiles(name="steps", columns=columns, files=(str(file),), folder_columns=frozenset({"event_date"}))
    take_marts(settings, [mart], contracts=columns_of_marts(tmp_path))
    with duckdb.connect(str(warehouse_file(settings)), read_only=True) as connection:
        found = connection.execute("select * from marts.steps")
        assert [column[0] for column in found.description] == contract
        assert [str(value) for value in found.fetchall()[0]] == ["r", "2026-03-01", "1"]
