"""Export one dataset of what is published: what the rows about exports measure.

`python -m benchmarks.exporting.ours DATASET THREADS`
"""

import json
import resource
import sys
import tempfile
import time
from pathlib import Path

from dagster_project.settings import Settings
from dagster_project.training import export_dataset


def main(dataset: str, threads: int) -> None:
    """Export below the data root, print seconds (wall and CPU, of children too), rows and bytes."""
    settings = Settings.from_environment()
    with tempfile.TemporaryDirectory(dir=settings.home) as out:
        began = time.perf_counter()
        summary = export_dataset(settings, dataset, out=Path(out), threads=threads)
        seconds = time.perf_counter() - began
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    answer = {
        "seconds": seconds,
        "cpu_seconds": sum(one.ru_utime + one.ru_stime for one in used),
        "rows": summary.row_count,
        "runs": summary.runs_in,
        "bytes": summary.byte_count,
        "refused": summary.refused,
    }
    print(json.dumps(answer))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
