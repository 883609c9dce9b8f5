"""The plain loop one would write: decode each line by type, gather rows, write Parquet, on one core.

`python -m benchmarks.landing.msgspec_loop PATH OUT`
"""

import datetime as dt
import json
import sys
import time

import msgspec
import pyarrow as pa
import pyarrow.parquet as pq

_ROWS_AT_ONCE = 100_000


class Error(msgspec.Struct):
    """The error of a run."""

    source: str
    phase: str
    message: str
    error_type: str


class Run(msgspec.Struct):
    """One line; a line of other types does not decode."""

    event_type: str
    event_id: str
    run_id: str
    organization_id: str
    agent_id: str
    agent_version: str
    occurred_at: dt.datetime
    started_at: dt.datetime
    ended_at: dt.datetime
    status: str
    latency_ms: float
    cost_usd: float
    input_tokens: int
    output_tokens: int
    retries: int
    model: str
    confidence: float
    message: str
    error: Error | None


def main(path: str, out: str) -> None:
    """Decode, gather and write; on one core, Arrow included."""
    pa.set_cpu_count(1)
    decode = msgspec.json.Decoder(Run).decode
    began = time.perf_counter()
    rows: list[dict] = []
    writer = None
    count = 0
    with open(path, "rb") as file:  # noqa: PTH123 (the loop as one writes it)
        for line in file:
            rows.append(msgspec.to_builtins(decode(line), builtin_types=(dt.datetime,)))
            if len(rows) == _ROWS_AT_ONCE:
                writer = _write(rows, writer, out)
                count += len(rows)
                rows = []
    writer = _write(rows, writer, out)
    writer.close()
    print(json.dumps({"seconds": time.perf_counter() - began, "rows": count + len(rows)}))


def _write(rows: list[dict], writer: pq.ParquetWriter | None, out: str) -> pq.ParquetWriter:
    table = pa.Table.from_pylist(rows) if writer is None else pa.Table.from_pylist(rows, schema=writer.schema)
    writer = writer or pq.ParquetWriter(out, table.schema)
    writer.write_table(table)
    return writer


if __name__ == "__main__":
    main(*sys.argv[1:])
