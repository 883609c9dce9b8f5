"""What the peers do, done here: `python -m benchmarks.peers.ours PATH days|tables`.

`days`: land run lines, then count, rate, sum and exact percentiles per organization, agent and day, in SQL over what
landed. `tables`: land logs with their texts, then read runs and messages back as whole tables.
"""

import json
import sys
import time

import duckdb

from dagster_project.landing import land
from dagster_project.settings import Settings
from dagster_project.snapshots import read_snapshot

_DAYS = """
select
    organization_id,
    agent_id,
    event_date,
    count(*) as runs,
    avg((outcome = 'success')::integer) as success_rate,
    sum(cost_usd) as cost_usd,
    quantile_cont(latency_ms, [0.5, 0.95]) as latency,
    avg((retry_count > 0)::integer) as retry_rate
from runs
group by organization_id, agent_id, event_date
"""


def main(path: str, job: str) -> None:
    """Land the path below RELIABILITY_HOME, read back, print the seconds of both."""
    settings = Settings.from_environment()
    began = time.perf_counter()
    summary = land(settings, [path], keep_payloads=job == "tables")
    connection = duckdb.connect()
    answer = _days(settings, connection) if job == "days" else _tables(settings, connection)
    seconds = time.perf_counter() - began
    print(json.dumps({"seconds": seconds, "landed": summary.units["landed"], **answer}))


def _days(settings: Settings, connection: duckdb.DuckDBPyConnection) -> dict[str, int]:
    connection.read_parquet(_files(settings, "runs"), union_by_name=True).create_view("runs")
    return {"days": len(connection.sql(_DAYS).fetchall())}


def _tables(settings: Settings, connection: duckdb.DuckDBPyConnection) -> dict[str, int]:
    rows = {}
    for name in ("runs", "messages"):
        rows[name] = connection.read_parquet(_files(settings, name), union_by_name=True).to_arrow_table().num_rows
    return rows


def _files(settings: Settings, table: str) -> list[str]:
    return [str(settings.home / file.path) for file in read_snapshot(settings).files(table)]


if __name__ == "__main__":
    main(*sys.argv[1:])
