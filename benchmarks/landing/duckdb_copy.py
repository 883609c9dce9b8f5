"""DuckDB reads the same lines and writes Parquet; nothing is checked.

`python -m benchmarks.landing.duckdb_copy PATH OUT`
"""

import json
import sys
import time

import duckdb


def main(path: str, out: str) -> None:
    """Copy the lines to one Parquet file with DuckDB's own thread count, one per core."""
    connection = duckdb.connect()
    began = time.perf_counter()
    connection.read_json(path, format="newline_delimited").write_parquet(out)
    seconds = time.perf_counter() - began
    rows = duckdb.read_parquet(out).shape[0]
    print(json.dumps({"seconds": seconds, "rows": rows}))


if __name__ == "__main__":
    main(*sys.argv[1:])
