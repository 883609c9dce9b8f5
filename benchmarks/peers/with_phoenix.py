"""Runs in Phoenix's environment: `python with_phoenix.py LINES FOLDER`.

A Phoenix server on SQLite takes one span per run line over OTLP, as its own tracer sends them, until all are stored;
then its client reads them back and pandas counts and averages per agent and day.
"""

import datetime as dt
import json
import os
import socket
import subprocess
import sys
import time
from pathlib import Path

from opentelemetry import trace
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from phoenix.client import Client

_PROJECT = "benchmark"
_PATIENCE_SECONDS = 600


def main(lines: str, folder: str) -> None:
    """Store every line as a span, read the spans back as one aggregate, print the seconds of both."""
    runs = [json.loads(line) for line in Path(lines).read_bytes().splitlines()]
    port, grpc_port = _free_port(), _free_port()
    server = subprocess.Popen(
        [str(Path(sys.executable).parent / "phoenix"), "serve"],
        env=os.environ
        | {
            "PHOENIX_WORKING_DIR": folder,
            "PHOENIX_HOST": "127.0.0.1",
            "PHOENIX_PORT": str(port),
            "PHOENIX_GRPC_PORT": str(grpc_port),
            "PHOENIX_TELEMETRY_ENABLED": "false",
            "PHOENIX_ALLOW_EXTERNAL_RESOURCES": "false",
            "PHOENIX_ENABLE_MCP_SERVER": "false",
        },
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        url = f"http://127.0.0.1:{port}"
        _wait_for(port, server)
        client = Client(base_url=url)
        began = time.perf_counter()
        _send(runs, url)
        stored = _read_back(client, len(runs))
        rows = len(_aggregate(stored))
        print(json.dumps({"seconds": time.perf_counter() - began, "stored": len(stored), "rows": rows}))
    finally:
        server.terminate()
        server.wait(timeout=60)


def _send(runs: list[dict], url: str) -> None:
    provider = TracerProvider(resource=Resource({"openinference.project.name": _PROJECT}))
    exporter = OTLPSpanExporter(f"{url}/v1/traces")
    provider.add_span_processor(BatchSpanProcessor(exporter, max_queue_size=len(runs) + 1))
    tracer = provider.get_tracer("benchmark")
    for run in runs:
        span = tracer.start_span("agent", start_time=_nanoseconds(run["started_at"]), attributes=_attributes(run))
        if run["status"] == "failure":
            span.set_status(trace.StatusCode.ERROR)
        span.end(_nanoseconds(run["ended_at"]))
    provider.shutdown()


def _attributes(run: dict) -> dict:
    return {
        "openinference.span.kind": "AGENT",
        "agent.name": f"{run['organization_id']}/{run['agent_id']}",
        "llm.model_name": run["model"],
        "llm.token_count.prompt": run["input_tokens"],
        "llm.token_count.completion": run["output_tokens"],
        "output.value": run["message"],
    }


def _read_back(client: Client, count: int):
    """Every span, once all are stored."""
    until = time.monotonic() + _PATIENCE_SECONDS
    while time.monotonic() < until:
        found = client.spans.get_spans_dataframe(project_identifier=_PROJECT, limit=count + 1, timeout=120)
        if len(found) >= count:
            return found
        time.sleep(0.2)
    raise SystemExit(f"Phoenix stored {len(found)} of {count} spans in {_PATIENCE_SECONDS} s")


def _aggregate(spans):
    seconds = (spans["end_time"] - spans["start_time"]).dt.total_seconds()
    keyed = spans.assign(day=spans["start_time"].dt.date, failed=spans["status_code"] == "ERROR", seconds=seconds)
    agent = next(name for name in spans.columns if name.startswith("attributes.agent"))
    if agent == "attributes.agent":
        keyed[agent] = [value["name"] for value in keyed[agent]]
    return keyed.groupby([agent, "day"]).agg(
        runs=("failed", "size"), failed=("failed", "mean"), p95=("seconds", lambda values: values.quantile(0.95))
    )


def _nanoseconds(moment: str) -> int:
    return int(dt.datetime.fromisoformat(moment).timestamp() * 1e9)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def _wait_for(port: int, server: subprocess.Popen) -> None:
    until = time.monotonic() + _PATIENCE_SECONDS
    while time.monotonic() < until:
        if server.poll() is not None:
            raise SystemExit(f"Phoenix ended with {server.returncode} before it listened")
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.2)
    raise SystemExit("Phoenix did not listen")


if __name__ == "__main__":
    main(*sys.argv[1:])
