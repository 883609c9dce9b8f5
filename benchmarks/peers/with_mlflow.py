"""Runs in MLflow's environment: `python with_mlflow.py LINES FOLDER`.

MLflow on SQLite stores one trace per run line, one after the other so that none is dropped; then its own search reads
them back and pandas counts and averages per agent and day.
"""

import datetime as dt
import json
import os
import sys
import time
from pathlib import Path

os.environ["MLFLOW_ENABLE_ASYNC_TRACE_LOGGING"] = "false"
os.environ["MLFLOW_DISABLE_TELEMETRY"] = "true"

import mlflow
import pandas as pd


def main(lines: str, folder: str) -> None:
    """Store every line as a trace, read the traces back as one aggregate, print the seconds of both."""
    runs = [json.loads(line) for line in Path(lines).read_bytes().splitlines()]
    mlflow.set_tracking_uri(f"sqlite:///{folder}/mlflow.db")
    experiment = mlflow.set_experiment("benchmark")
    began = time.perf_counter()
    for run in runs:
        _store(run)
    traces = mlflow.search_traces(locations=[experiment.experiment_id], max_results=len(runs) + 1)
    rows = len(_aggregate(traces))
    print(json.dumps({"seconds": time.perf_counter() - began, "stored": len(traces), "rows": rows}))


def _store(run: dict) -> None:
    span = mlflow.start_span_no_context(
        "agent",
        span_type="AGENT",
        attributes={"model": run["model"], "tokens": run["input_tokens"] + run["output_tokens"]},
        tags={"agent_id": f"{run['organization_id']}/{run['agent_id']}"},
        start_time_ns=_nanoseconds(run["started_at"]),
    )
    span.set_outputs(run["message"])
    span.end(status="ERROR" if run["status"] == "failure" else "OK", end_time_ns=_nanoseconds(run["ended_at"]))


def _aggregate(traces: pd.DataFrame) -> pd.DataFrame:
    keyed = traces.assign(
        agent=[tags["agent_id"] for tags in traces["tags"]],
        day=pd.to_datetime(traces["request_time"], unit="ms").dt.date,
        failed=[str(state).endswith("ERROR") for state in traces["state"]],
    )
    return keyed.groupby(["agent", "day"]).agg(
        runs=("failed", "size"),
        failed=("failed", "mean"),
        p95=("execution_duration", lambda values: values.quantile(0.95)),
    )


def _nanoseconds(moment: str) -> int:
    return int(dt.datetime.fromisoformat(moment).timestamp() * 1e9)


if __name__ == "__main__":
    main(*sys.argv[1:])
