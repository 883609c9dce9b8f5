"""A straightforward script: `python with_pandas.py LINES` reads run lines and summarises them per agent and day."""

import json
import sys
import time
from pathlib import Path

import pandas as pd


def main(lines: str) -> None:
    """Parse, type, drop repeated events, group, and take counts, rates, sums and exact percentiles."""
    began = time.perf_counter()
    with Path(lines).open(encoding="utf-8") as file:
        runs = pd.DataFrame([json.loads(line) for line in file])
    count = len(runs)
    for name in ("occurred_at", "started_at", "ended_at"):
        runs[name] = pd.to_datetime(runs[name])
    runs = runs.drop_duplicates(["organization_id", "event_id"])
    runs["day"] = runs["started_at"].dt.date
    runs["succeeded"] = runs["status"] == "success"
    days = runs.groupby(["organization_id", "agent_id", "day"]).apply(_summary, include_groups=False)
    print(json.dumps({"seconds": time.perf_counter() - began, "rows": count, "days": len(days)}))


def _summary(runs: pd.DataFrame) -> pd.Series:
    return pd.Series(
        {
            "runs": len(runs),
            "success_rate": runs["succeeded"].mean(),
            "cost_usd": runs["cost_usd"].sum(),
            "latency_p50": runs["latency_ms"].quantile(0.5),
            "latency_p95": runs["latency_ms"].quantile(0.95),
            "retry_rate": (runs["retries"] > 0).mean(),
        }
    )


if __name__ == "__main__":
    main(*sys.argv[1:])
