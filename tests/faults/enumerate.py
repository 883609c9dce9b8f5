"""Every fault at every file operation: `python -m tests.faults.enumerate [NAME ...]`.

All points take some hours on four cores. What has been tried is kept in a file of results (`--results`), and is not
tried again: stopped or killed, it goes on where it was. `--minutes` bounds it, and whatever the bound, each stratum
(command, operation, kind of path, fault) has had as many of its points tried as any other that has as many; `--seed`
says which come first. `--only "rename snapshot"` tries the strata whose names hold these words. Prints the points by
stratum, then what was wrong; exit 1 if anything.
"""

import argparse
import json
import os
import random
import shutil
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import Future, ProcessPoolExecutor, wait
from contextlib import ExitStack
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from tests.faults.grounds import GROUNDS, Prepared
from tests.faults.points import Point
from tests.faults.shim import compiler, server
from tests.faults.trial import NOT_REACHED

TELL_EVERY_SECONDS = 15
# DuckDB's own operations vary a little with its threads: so many points of a hundred may not come.
MOST_NOT_REACHED = 0.02


def in_order(prepared: dict[str, Prepared], *, only: str, seed: int) -> list[tuple[str, Point]]:
    """All wanted points: of every stratum one, then of every stratum another; the same list for the same seed."""
    strata: dict[tuple[str, ...], list[Point]] = {}
    for name, ground in prepared.items():
        for point in ground.points:
            if all(word in " ".join((name, *point.stratum)) for word in only.split()):
                strata.setdefault((name, *point.stratum), []).append(point)
    draws = random.Random(seed)
    ranked = []
    for stratum in sorted(strata):
        points = sorted(strata[stratum])
        draws.shuffle(points)
        ranked += [(rank, draws.random(), stratum[0], point) for rank, point in enumerate(points)]
    return [(name, point) for _, _, name, point in sorted(ranked)]


def try_share(
    names: list[str], *, share: int, shares: int, only: str, seed: int, results: Path, until: float | None
) -> None:
    """Try every `shares`-th point that has no result yet, and add a line to the results for each."""
    known = {(row["name"], row["point"]) for row in read(results)}
    with ExitStack() as stack, results.open("a", encoding="utf-8") as out:
        prepared = {}
        for name in names:
            folder = Path(tempfile.mkdtemp(prefix="faults-"))
            stack.callback(shutil.rmtree, folder, ignore_errors=True)
            running = stack.enter_context(server(folder / "server"))
            prepared[name] = GROUNDS[name](running, folder / "ground")
        points = in_order(prepared, only=only, seed=seed)
        _add(out, {"points": len(points), "share": share})
        for name, point in points[share::shares]:
            if until is not None and time.time() > until:
                return
            if (name, str(point)) not in known:
                wrong = prepared[name].faults_after(point)
                _add(out, {"name": name, "point": str(point), "stratum": point.stratum, "wrong": wrong})


def _add(out: Any, row: dict[str, Any]) -> None:
    out.write(json.dumps(row) + "\n")  # short and in one piece: shares write to one file
    out.flush()


def read(results: Path) -> Iterator[dict[str, Any]]:
    """The results so far, each point's once; a torn last line is none."""
    seen = set()
    for line in results.read_text(encoding="utf-8").splitlines() if results.exists() else ():
        try:
            row = json.loads(line)
        except ValueError:
            continue
        if "point" in row and (key := (row["name"], row["point"])) not in seen:
            seen.add(key)
            yield row


def wait_for(shares: list[Future], results: Path) -> None:
    """Say from time to time how far it is. Raises what a share raised."""
    began, before = time.time(), sum(1 for _ in read(results))
    while not_done := wait(shares, timeout=TELL_EVERY_SECONDS).not_done:
        rows = list(read(results))
        tried, elapsed = len(rows) - before, time.time() - began
        totals = [json.loads(line)["points"] for line in results.read_text().splitlines() if '"share"' in line]
        left = max(totals, default=0) - len(rows)
        rest = f", {left} left, about {left * elapsed / tried / 60:.0f} min" if tried and totals else ""
        wrong = sum(row["wrong"] not in ([], [NOT_REACHED]) for row in rows)
        print(f"{len(rows)} points tried{rest}, {wrong} wrong, {len(not_done)} processes", file=sys.stderr, flush=True)
    for share in shares:
        share.result()


def report(results: Path, names: list[str]) -> int:
    """Print the points by stratum and what was wrong; the exit code."""
    rows = [row for row in read(results) if row["name"] in names]
    tried = Counter((row["name"], *row["stratum"]) for row in rows)
    wrong = [row for row in rows if row["wrong"] not in ([], [NOT_REACHED])]
    not_reached = sum(row["wrong"] == [NOT_REACHED] for row in rows)
    for stratum, points in sorted(tried.items()):
        print(f"{points:6d}  {', '.join(stratum)}")
    print(f"{len(rows)} points of {len(tried)} strata, {not_reached} not reached, {len(wrong)} with something wrong")
    for row in wrong:
        print(f"{row['name']}: {row['point']}: {'; '.join(row['wrong'])}")
    return 1 if wrong or not_reached > MOST_NOT_REACHED * len(rows) else 0


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.faults.enumerate", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"any of {', '.join(GROUNDS)}; default: all")
    parser.add_argument("--only", default="", metavar="WORDS")
    parser.add_argument("--seed", type=int, default=0, metavar="N")
    parser.add_argument("--minutes", type=float, metavar="M")
    parser.add_argument("--results", type=Path, metavar="FILE", help="default: a new file, removed when all was tried")
    parser.add_argument("--processes", type=int, default=len(os.sched_getaffinity(0)), metavar="N")
    options = parser.parse_args()
    if compiler() is None:
        parser.error("there is no C compiler (cc or gcc) to make the library of faults with")
    if unknown := sorted(set(options.names) - GROUNDS.keys()):
        parser.error(f"there is no {', '.join(unknown)}")
    names = options.names or list(GROUNDS)
    results = options.results or Path(tempfile.mkdtemp(prefix="faults-")) / "results.jsonl"
    if results.exists() and not results.read_bytes().endswith(b"\n"):
        with results.open("a", encoding="utf-8") as out:  # torn when it was killed
            out.write("\n")
    until = None if options.minutes is None else time.time() + 60 * options.minutes
    with ProcessPoolExecutor(options.processes, mp_context=get_context("spawn")) as pool:
        wanted = {"only": options.only, "seed": options.seed, "results": results, "until": until}
        shares = options.processes
        wait_for(
            [pool.submit(try_share, names, share=share, shares=shares, **wanted) for share in range(shares)], results
        )
    code = report(results, names)
    print(f"results: {results}", file=sys.stderr)
    return code


if __name__ == "__main__":
    sys.exit(main())
