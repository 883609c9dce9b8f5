"""The rows about landing."""

import sys
from pathlib import Path

from benchmarks.bench import ROOT, Bench, Finished
from benchmarks.fresh import fresh
from benchmarks.row import Row, against, alone
from benchmarks.run_lines import write_run_lines

_MILLION = 1_000_000
_CORES = 4
_MINT = ROOT.parent / "shared" / "data-packs" / "mint-bench"


def land_1m(bench: Bench) -> Row:
    """Validated landing against DuckDB's unvalidated copy of the same file, in turn."""
    ours, theirs = _rates(bench, "benchmarks.landing.duckdb_copy")
    return against(
        "land_1m",
        what="validated landing of 1M native lines, 4 workers",
        ours=ours,
        comparator="DuckDB: unvalidated copy of read_json to Parquet, a thread per core",
        theirs=theirs,
        target=0.6,
        bound="at least",
        unit="events/s",
    )


def land_1m_one_core(bench: Bench) -> Row:
    """Validated landing against a plain loop on one core, in turn."""
    ours, theirs = _rates(bench, "benchmarks.landing.msgspec_loop")
    return against(
        "land_1m_one_core",
        what="validated landing of 1M native lines, 4 workers",
        ours=ours,
        comparator="a plain msgspec loop to Parquet on one core",
        theirs=theirs,
        target=3.5,
        bound="at least",
        unit="events/s",
    )


def land_10m_memory(bench: Bench) -> Row:
    """Peak memory of landing ten times as much with two workers, all processes together."""
    count = bench.count(10 * _MILLION)
    finished = _land(bench, count, workers=2, is_watched=True)
    return alone(
        "land_10m_memory",
        what="peak memory of landing 10M native lines, 2 workers, all processes together",
        ours=[finished.peak_bytes / 2**30],
        target=2,
        bound="at most",
        unit="GiB",
        note=f"{finished.answer['units']['landed']:,} landed in {finished.answer['seconds']:.0f} s",
    )


def land_mint(bench: Bench) -> Row | None:
    """The MINT pack from the files to the ledger, by the command line; None where the pack is not."""
    if not _MINT.is_dir():
        return None
    command = [str(Path(sys.executable).parent / "reliability"), "land", str(_MINT)]
    home = bench.work / "mint"
    seconds = [bench.command(command, home=fresh(home)).wall_seconds for _ in range(bench.rounds)]
    return alone(
        "land_mint", what="the MINT pack, by the command line", ours=seconds, target=25, bound="at most", unit="s"
    )


def _rates(bench: Bench, comparator: str) -> tuple[list[float], list[float]]:
    """Events per second of ours and of the comparator, round by round, after one round that is not counted."""
    count = bench.count(_MILLION)
    path = _lines(bench, count)
    ours, theirs = [], []
    for _ in range(bench.rounds + 1):
        ours.append(count / _land(bench, count, workers=_CORES).answer["seconds"])
        copied = bench.python(comparator, path, bench.work / "comparator.parquet").answer
        if copied["rows"] != count:
            raise RuntimeError(f"{comparator} read {copied['rows']} of {count} lines")
        theirs.append(count / copied["seconds"])
    return ours[1:], theirs[1:]


def _land(bench: Bench, count: int, *, workers: int, is_watched: bool = False) -> Finished:
    path = _lines(bench, count)
    home = fresh(bench.work / "landing")
    finished = bench.python("benchmarks.landing.ours", path, workers, home=home, is_watched=is_watched)
    if finished.answer["units"] != {"unit": count, "landed": count}:
        raise RuntimeError(f"of {count} lines landed: {finished.answer}")
    return finished


def _lines(bench: Bench, count: int) -> Path:
    return write_run_lines(bench.work / f"runs-{count}.jsonl", count)
