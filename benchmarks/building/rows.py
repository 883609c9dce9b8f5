"""The rows about building, from landed events to published marts.

What a build costs beyond its fixed overhead is its seconds less those of the same build over thirty events.
"""

import shutil
from collections.abc import Callable
from pathlib import Path

from benchmarks.bench import RELIABILITY, Bench, Finished
from benchmarks.building.added_days import add_day, built
from benchmarks.building.event_lines import EVENTS_OF_A_RUN, write_days
from benchmarks.fresh import fresh
from benchmarks.peers.environments import peer_python
from benchmarks.row import Row, against, alone
from benchmarks.run_lines import write_run_lines

_MILLION = 1_000_000
_DAYS = 30
_parsed: set[Path] = set()
"""Data roots whose models this benchmark's process has let dbt read."""
_built: set[Path] = set()
"""Data roots that this benchmark's process has built."""


def build_1m(bench: Bench) -> Row:
    """A full build of 1M events against hand-written SQL for the same tables."""
    return _build(bench, "build_1m", bench.count(_MILLION))


def build_10m(bench: Bench) -> Row:
    """The same of 10M events."""
    return _build(bench, "build_10m", bench.count(10 * _MILLION))


def end_to_end_10m(bench: Bench) -> Row:
    """10M events from the files to the published snapshot, by the command line."""
    logs = _logs(bench, bench.count(10 * _MILLION))
    home = fresh(bench.work / "end-to-end")
    finished = bench.command([str(RELIABILITY), "run", str(logs), "--json"], home=home, is_watched=True)
    size = sum(path.stat().st_size for path in (home / "landed").rglob("*.parquet"))
    count = bench.count(10 * _MILLION)
    shutil.rmtree(home)
    return alone(
        "end_to_end_10m",
        what="10M events: land, build, audit, publish, export",
        ours=[finished.wall_seconds],
        target=300,
        bound="at most",
        unit="s",
        note=f"peak {finished.peak_bytes / 2**30:.2f} GiB, {size / count:.0f} landed bytes an event",
    )


def noop(bench: Bench) -> Row:
    """A run with nothing new; it must publish nothing."""
    logs = _logs(bench, bench.count(_MILLION))
    home = fresh(bench.work / "noop")
    bench.command([str(RELIABILITY), "run", str(logs), "--json"], home=home)
    seconds = []
    for _ in range(bench.rounds):
        finished = bench.command([str(RELIABILITY), "run", str(logs), "--json"], home=home)
        if finished.answer["is_new"]:
            raise RuntimeError("a run with nothing new published a snapshot")
        seconds.append(finished.wall_seconds)
    return alone(
        "noop",
        what="reliability run with nothing new over 1M events",
        ours=seconds,
        target=5,
        bound="at most",
        unit="s",
    )


def overhead(bench: Bench) -> Row:
    """dbt and the checks over next to no events: what every build pays."""
    seconds = [_fixed(bench, "all") for _ in range(bench.rounds)]
    return alone(
        "fixed_overhead", what="build and audit of thirty events", ours=seconds, target=12, bound="at most", unit="s"
    )


def agent_day_metrics(bench: Bench) -> Row:
    """Exact metrics per agent and day over 1M runs, asked of the published mart and of a table of bare DuckDB."""
    ours, theirs = _day_metrics(bench, lambda runs: bench.python("benchmarks.building.day_metrics", "bare", runs))
    return against(
        "agent_day_metrics",
        what="counts, rates, means and exact percentiles per agent and day over 1M runs, asked of the published mart",
        ours=ours,
        comparator="the same query of a table of these columns alone in bare DuckDB",
        theirs=theirs,
        target=1.3,
        bound="at most",
        unit="s",
    )


def chdb(bench: Bench) -> Row | None:
    """The same against chDB."""
    python = peer_python("chdb")
    if python is None:
        return None
    script = Path(__file__).parent.parent / "peers" / "with_chdb.py"

    def asked(runs: Path) -> Finished:
        return bench.command([str(python), str(script), str(runs), str(fresh(bench.work / "chdb"))])

    ours, theirs = _day_metrics(bench, asked)
    return against(
        "chdb",
        what="counts, rates, means and exact percentiles per agent and day over 1M runs, asked of the published mart",
        ours=ours,
        comparator="the same of a MergeTree of these columns alone in chDB",
        theirs=theirs,
        target=1.1,
        bound="at most",
        unit="s",
        note="level, with a tenth for what two measurements differ by",
    )


def show_help(bench: Bench) -> Row:
    """The answer of `reliability --help`."""
    command = [str(RELIABILITY), "--help"]
    seconds = [bench.command(command).wall_seconds for _ in range(10 * bench.rounds + 1)][1:]
    return alone("help", what="reliability --help", ours=seconds, target=0.3, bound="at most", unit="s")


def _build(bench: Bench, name: str, count: int) -> Row:
    home = _landed(bench, count)
    by_hand = bench.work / "by-hand.duckdb"
    ours, theirs = [], []
    for number in range(bench.rounds):
        fixed = _fixed(bench, "core")
        ours.append(max(0.0, built(bench, home, "core").answer["seconds"] - fixed))
        warehouse = [home / "warehouse" / "reliability.duckdb"] if not number else []
        answer = bench.python("benchmarks.building.by_hand", by_hand, *warehouse, home=home).answer
        if answer["differing"]:
            raise RuntimeError(f"not what is made by hand: {answer['differing']}")
        theirs.append(answer["seconds"])
    everything = built(bench, home, "all").answer["seconds"]
    return against(
        name,
        what=f"full build of {count:,} events with its tests, beyond fixed overhead, the seven largest marts",
        ours=ours,
        comparator="the same tables by hand-written DuckDB SQL, rows compared",
        theirs=theirs,
        target=2.0,
        bound="at most",
        unit="s",
        note=f"all marts with all tests, overhead included: {everything:.1f} s",
    )


def _day_metrics(bench: Bench, asked: Callable[[Path], Finished]) -> tuple[list[float], list[float]]:
    """Seconds of the mart and of another engine over the same runs, pair by pair; their answers must be equal."""
    home = bench.work / f"runs-of-{bench.count(_MILLION)}"
    if not home.exists():
        lines = write_run_lines(bench.work / f"runs-{bench.count(_MILLION)}.jsonl", bench.count(_MILLION))
        bench.command([str(RELIABILITY), "run", str(lines), "--json"], home=home)
    runs = home / "runs.parquet"
    ours, theirs = [], []
    for _ in range(bench.rounds):
        mine = bench.python("benchmarks.building.day_metrics", "mart", runs, home=home).answer
        other = asked(runs).answer
        if mine["answer"] != other["answer"]:
            raise RuntimeError(f"the answers are not equal: {mine['answer']} and {other['answer']}")
        ours.append(mine["seconds"])
        theirs.append(other["seconds"])
    return ours, theirs


def _fixed(bench: Bench, what: str) -> float:
    home = _landed(bench, 30)
    if what == "core":
        _built.discard(home)  # it leaves a part of the models
    elif home not in _built:
        built(bench, home, "all")  # a `new` build of what was never built whole is a whole one
        _built.add(home)
    return built(bench, home, what).answer["seconds"]


def _landed(bench: Bench, count: int) -> Path:
    """A data root in which so many events of thirty days have landed; made once."""
    home = bench.work / f"landed-{count}"
    if not home.exists():
        bench.command([str(RELIABILITY), "land", str(_logs(bench, count))], home=home)
    if home not in _parsed:
        built(bench, home, "parse")  # what the first build of a version pays is no part of any figure
        _parsed.add(home)
    return home


def _logs(bench: Bench, count: int) -> Path:
    runs = max(1, count // EVENTS_OF_A_RUN)
    days = min(_DAYS, runs)
    folder = bench.work / f"logs-{count}"
    write_days(folder, days=days, runs_a_day=runs // days)
    return folder


MEASURES: dict[str, Callable[[Bench], Row | None]] = {
    "help": show_help,
    "noop": noop,
    "fixed_overhead": overhead,
    "build_1m": build_1m,
    "build_10m": build_10m,
    "end_to_end_10m": end_to_end_10m,
    "add_day": add_day,
    "agent_day_metrics": agent_day_metrics,
    "chdb": chdb,
}
"""Every row by its name."""
