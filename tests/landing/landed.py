"""Reading back what landed, independently of the code that wrote it: plain Parquet files named by the snapshot."""

import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from dagster_project.settings import Settings


def snapshot_document(settings: Settings) -> dict:
    """The current snapshot's JSON document."""
    paths = sorted((settings.landed / "snapshots").glob("*.json"))
    return json.loads(paths[-1].read_text(encoding="utf-8"))


def rows(settings: Settings, table: str) -> list[dict]:
    """All live rows of the table, in file order."""
    files = [settings.home / file["path"] for file in snapshot_document(settings)["tables"].get(table, [])]
    tables = [pq.ParquetFile(path).read() for path in files]
    return pa.concat_tables(tables, promote_options="default").to_pylist() if tables else []


def ledger(settings: Settings) -> dict[str, dict]:
    """The latest ledger row of each batch, by file name."""
    latest: dict[str, dict] = {}
    for row in sorted(rows(settings, "ledger"), key=lambda row: row["commit_number"]):
        latest[row["batch_id"]] = row
    return {Path(row["source_path"]).name: row for row in latest.values()}


def tree(settings: Settings) -> dict[str, bytes]:
    """Every file below the data root with its bytes, by relative path; the lock file left out."""
    files = [path for path in settings.home.rglob("*") if path.is_file() and path.name != ".lock"]
    return {str(path.relative_to(settings.home)): path.read_bytes() for path in sorted(files)}


def line(number: int, **changes: object) -> str:
    """A good native run line, with a newline."""
    run = {
        "event_type": "run",
        "event_id": f"e{number}",
        "organization_id": "acme",
        "run_id": f"r{number}",
        "agent_id": "researcher",
        "occurred_at": f"2026-03-{1 + number % 3:02d}T06:01:56Z",
        "status": "success",
        "latency_ms": number,
        "message": f"text {number}",
    } | changes
    return json.dumps(run) + "\n"
