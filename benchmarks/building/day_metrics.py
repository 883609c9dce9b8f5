"""Exact metrics per agent and day over a relation of runs, timed: `python -m benchmarks.building.day_metrics ...`.

`mart PARQUET` asks the mart agent_runs as it is published below RELIABILITY_HOME, through the connection that readers
get, and leaves its columns in PARQUET for the others; `bare PARQUET` asks a table that DuckDB made of them.
benchmarks/peers/with_chdb.py asks chDB the same. What is timed is the query alone: the fastest of several, answers
fetched.
"""

import json
import sys
import time

import duckdb

from dagster_project.publishing.read import open_published, published_file
from dagster_project.settings import Settings

_RUNS = """
select organization_id, agent_id, event_date, population, score, latency_ms, cost_usd, is_hallucinated, retry_count,
    has_open_dispute
from marts.agent_runs
where event_date is not null
"""
_METRICS = """
select
    organization_id, agent_id, event_date, count(*) as runs, count(*) filter (where population = 'scored') as scored,
    avg(score) filter (where population = 'scored') as success_rate, avg(latency_ms) as latency_mean,
    quantile_cont(latency_ms, [0.5, 0.95, 0.99]) as latency, sum(cost_usd) / count(cost_usd) as cost,
    avg(cast(is_hallucinated as integer)) as hallucinated, avg(cast(retry_count > 0 as integer)) as retried,
    avg(cast(has_open_dispute as integer)) as disputed, count(*) filter (where population = 'infra') as infra
from agent_runs
where event_date is not null
group by 1, 2, 3
order by 1, 2, 3
"""
_TIMES = 7


def main(which: str, parquet: str) -> None:
    """Print the seconds, and what the answer adds up to."""
    with (_published if which == "mart" else _bare)(parquet) as connection:
        seconds, rows = [], []
        for _ in range(_TIMES):
            began = time.perf_counter()
            rows = connection.execute(_METRICS).fetchall()
            seconds.append(time.perf_counter() - began)
    sums = [len(rows), sum(row[3] for row in rows), round(sum(row[5] or 0 for row in rows), 6)]
    latency = [round(sum(row[7][place] for row in rows), 3) for place in range(3)]
    print(json.dumps({"seconds": min(seconds), "answer": [*sums, *latency]}))


def _published(parquet: str) -> duckdb.DuckDBPyConnection:
    settings = Settings.from_environment()
    with duckdb.connect(str(published_file(settings)), read_only=True) as connection:
        connection.execute(f"copy ({_RUNS}) to '{parquet}' (format parquet)")
    return open_published(settings)


def _bare(parquet: str) -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    connection.execute(f"create table agent_runs as from '{parquet}'")
    return connection


if __name__ == "__main__":
    main(*sys.argv[1:])
