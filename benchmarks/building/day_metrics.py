"""Exact metrics per agent and day in bare DuckDB: `python -m benchmarks.building.day_metrics WAREHOUSE`."""

import json
import sys
import time

import duckdb

_SQL = """
create temp table metrics as
select
    organization_id, agent_id, event_date, count(*), count(*) filter (where population = 'scored'),
    avg(score) filter (where population = 'scored'), avg(latency_ms), quantile_cont(latency_ms, [0.5, 0.95, 0.99]),
    sum(cost_usd) / count(cost_usd), avg(cast(is_hallucinated as integer)), avg(cast(retry_count > 0 as integer)),
    avg(cast(has_open_dispute as integer)), count(*) filter (where population = 'infra')
from intermediate.int_runs
where event_date is not null
group by 1, 2, 3
"""


def main(warehouse: str) -> None:
    """Print the seconds."""
    with duckdb.connect(warehouse, read_only=True) as connection:
        began = time.perf_counter()
        connection.execute(_SQL)
        print(json.dumps({"seconds": time.perf_counter() - began}))


if __name__ == "__main__":
    main(*sys.argv[1:])
