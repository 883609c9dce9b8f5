"""Exact metrics per agent and day over a relation of runs, timed: `python -m benchmarks.building.day_metrics ...`.

`mart WAREHOUSE PARQUET` asks the product's mart agent_runs, and leaves its columns in PARQUET for the others;
`bare PARQUET` asks a table that DuckDB made of them. benchmarks/peers/with_chdb.py asks chDB the same. What is timed is
the query alone: the fastest of several, answers fetched.
"""

import json
import sys
import time

import duckdb

_RUNS = """
select organization_id, agent_id, event_date, population, score, latency_ms, cost_usd, is_hallucinated, retry_count,
    has_open_dispute
from {runs}
where event_date is not null
"""
_METRICS = """
select
    organization_id, agent_id, event_date, count(*) as runs, count(*) filter (where population = 'scored') as scored,
    avg(score) filter (where population = 'scored') as success_rate, avg(latency_ms) as latency_mean,
    quantile_cont(latency_ms, [0.5, 0.95, 0.99]) as latency, sum(cost_usd) / count(cost_usd) as cost,
    avg(cast(is_hallucinated as integer)) as hallucinated, avg(cast(retry_count > 0 as integer)) as retried,
    avg(cast(has_open_dispute as integer)) as disputed, count(*) filter (where population = 'infra') as infra
from {runs}
where event_date is not null
group by 1, 2, 3
order by 1, 2, 3
"""
_TIMES = 7


def main(which: str, path: str, parquet: str = "") -> None:
    """Print the seconds, and what the answer adds up to."""
    with duckdb.connect(path if which == "mart" else ":memory:", read_only=which == "mart") as connection:
        if which == "mart":
            connection.execute(f"copy ({_RUNS.format(runs='marts.agent_runs')}) to '{parquet}' (format parquet)")
        else:
            connection.execute(f"create table runs as from '{path}'")
        sql = _METRICS.format(runs="marts.agent_runs" if which == "mart" else "runs")
        seconds, rows = [], []
        for _ in range(_TIMES):
            began = time.perf_counter()
            rows = connection.execute(sql).fetchall()
            seconds.append(time.perf_counter() - began)
    sums = [len(rows), sum(row[3] for row in rows), round(sum(row[5] or 0 for row in rows), 6)]
    latency = [round(sum(row[7][place] for row in rows), 3) for place in range(3)]
    print(json.dumps({"seconds": min(seconds), "answer": [*sums, *latency]}))


if __name__ == "__main__":
    main(*sys.argv[1:])
