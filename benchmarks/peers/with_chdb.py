"""Runs in chDB's environment: `python with_chdb.py PARQUET FOLDER`.

The runs go into a MergeTree ordered by what is asked for; then exact metrics per agent and day, as
benchmarks/building/day_metrics.py asks them of DuckDB. What is timed is the query alone: the fastest of several.
"""

import json
import sys
import time

from chdb.session import Session

_TABLE = """
create table metrics.runs engine = MergeTree order by (organization_id, agent_id, event_date)
settings allow_nullable_key = 1 as select * from file('{path}', Parquet)
"""
_METRICS = """
select
    organization_id, agent_id, event_date, count() as runs, countIf(population = 'scored') as scored,
    avgIf(score, population = 'scored') as success_rate, avg(latency_ms) as latency_mean,
    quantilesExactInclusive(0.5, 0.95, 0.99)(latency_ms) as latency, sum(cost_usd) / count(cost_usd) as cost,
    avg(toInt32(is_hallucinated)) as hallucinated, avg(toInt32(retry_count > 0)) as retried,
    avg(toInt32(has_open_dispute)) as disputed, countIf(population = 'infra') as infra
from metrics.runs
group by organization_id, agent_id, event_date
order by organization_id, agent_id, event_date
"""
_TIMES = 7


def main(parquet: str, folder: str) -> None:
    """Print the seconds, and what the answer adds up to."""
    session = Session(folder)
    session.query("create database if not exists metrics")
    session.query(_TABLE.format(path=parquet))
    seconds, answer = [], ""
    for _ in range(_TIMES):
        began = time.perf_counter()
        answer = session.query(_METRICS, "JSONCompactEachRow").data()
        seconds.append(time.perf_counter() - began)
    rows = [json.loads(line) for line in answer.splitlines()]
    sums = [len(rows), sum(int(row[3]) for row in rows), round(sum(row[5] or 0 for row in rows), 6)]
    latency = [round(sum(row[7][place] for row in rows), 3) for place in range(3)]
    print(json.dumps({"seconds": min(seconds), "answer": [*sums, *latency]}))


if __name__ == "__main__":
    main(*sys.argv[1:])
