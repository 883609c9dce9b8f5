"""Land one path and say how long it took, from the call on: `python -m benchmarks.landing.ours PATH WORKERS`."""

import dataclasses
import json
import sys
import time

from dagster_project.landing import land
from dagster_project.settings import Settings


def main(path: str, workers: str) -> None:
    """Land the path below RELIABILITY_HOME with so many workers."""
    settings = dataclasses.replace(Settings.from_environment(), workers=int(workers))
    began = time.perf_counter()
    summary = land(settings, [path])
    seconds = time.perf_counter() - began
    print(json.dumps({"seconds": seconds, "units": summary.units, "quarantined": summary.quarantined}))


if __name__ == "__main__":
    main(*sys.argv[1:])
