"""Every fault at every file operation of the landings: `python -m tests.faults.enumerate [LANDING ...] [--every N]`.

Takes a few hours on four cores; `--every 10` tries every tenth point of each stratum, `--only "rename snapshot"`
the strata whose names hold these words. Prints the strata with their points, then what was wrong; exit 1 if anything.
"""

import argparse
import os
import sys
import tempfile
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

from tests.faults.foreign_landing import FOREIGN
from tests.faults.landings import LANDINGS
from tests.faults.points import Point
from tests.faults.shim import compiler, server
from tests.faults.trial import Ground, faults_after

ALL_LANDINGS = LANDINGS | {FOREIGN.name: FOREIGN}


def try_share(
    name: str, *, share: int, shares: int, every: int, only: str
) -> tuple[Counter[tuple[str, ...]], dict[str, list[str]]]:
    """The share's tried points by stratum, and what was wrong at which of them."""
    tried: Counter[tuple[str, ...]] = Counter()
    wrong = {}
    with tempfile.TemporaryDirectory() as folder, server(Path(folder) / "server") as running:
        ground = Ground(ALL_LANDINGS[name], server=running, folder=Path(folder) / "ground")
        points = [point for point in ground.points if (point.ordinal - 1) % every == 0 and _is_wanted(point, only)]
        for point in points[share::shares]:
            tried[name, *point.stratum] += 1
            if found := faults_after(ground, point):
                wrong[f"{name}: {point}"] = found
    return tried, wrong


def _is_wanted(point: Point, only: str) -> bool:
    return all(word in " ".join(point.stratum) for word in only.split())


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.faults.enumerate", description=__doc__)
    parser.add_argument(
        "landings", nargs="*", metavar="LANDING", help=f"any of {', '.join(ALL_LANDINGS)}; default: all"
    )
    parser.add_argument("--every", type=int, default=1, metavar="N")
    parser.add_argument("--only", default="", metavar="WORDS")
    parser.add_argument("--processes", type=int, default=len(os.sched_getaffinity(0)), metavar="N")
    options = parser.parse_args()
    if compiler() is None:
        parser.error("there is no C compiler (cc or gcc) to make the library of faults with")
    if unknown := sorted(set(options.landings) - ALL_LANDINGS.keys()):
        parser.error(f"there is no landing {', '.join(unknown)}")
    tried: Counter[tuple[str, ...]] = Counter()
    wrong: dict[str, list[str]] = {}
    shares = options.processes
    with ProcessPoolExecutor(shares, mp_context=get_context("spawn")) as pool:
        running = [
            pool.submit(try_share, name, share=share, shares=shares, every=options.every, only=options.only)
            for name in options.landings or ALL_LANDINGS
            for share in range(shares)
        ]
        for done in running:
            counts, found = done.result()
            tried += counts
            wrong |= found
    for stratum, count in sorted(tried.items()):
        print(f"{count:6d}  {', '.join(stratum)}")
    print(f"{tried.total()} points of {len(tried)} strata, {len(wrong)} with something wrong")
    for point, found in wrong.items():
        print(f"{point}: {'; '.join(found)}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
