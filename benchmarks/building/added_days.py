"""The row about a new day: what it costs on top of thirty days, and on top of three.

The two differ by a tenth of what either takes, and so do two builds of the same: each is taken several times, in turn,
and a round's figure is the median of its own. Beyond fixed overhead means: less the same build of next to no rows, a
day of ten runs on three of ten, taken in the same turn.
"""

import os
import shutil
import statistics
from collections.abc import Mapping, Sequence
from pathlib import Path

from benchmarks.bench import RELIABILITY, Bench, Finished
from benchmarks.building.event_lines import EVENTS_OF_A_RUN, write_days
from benchmarks.fresh import fresh
from benchmarks.row import Row, against
from dagster_project.publishing.identity import code_sha256
from dagster_project.settings import Settings

_MILLION = 1_000_000
_DAYS = 30
_FEW = 3
_FIXED = 0
_RUNS_OF_NEXT_TO_NOTHING = 10
_TURNS = 3
"""Builds of each kind a round."""


def add_day(bench: Bench) -> Row:
    """One new day on thirty, against the same day on the last three of these, both beyond fixed overhead."""
    seconds: dict[int, list[float]] = {_DAYS: [], _FEW: []}
    cpu: dict[int, list[float]] = {_DAYS: [], _FEW: []}
    shares = []
    for number in range(bench.rounds):
        taken, whole = _round(bench, day=_DAYS + number)
        for kind in seconds:
            seconds[kind].append(_beyond(taken, kind, "seconds"))
            cpu[kind].append(_beyond(taken, kind, "cpu_seconds"))
        shares.append(seconds[_DAYS][-1] / whole)
    beyond = {kind: statistics.median(values) for kind, values in cpu.items()}
    return against(
        "add_day",
        what="one new day on top of 30, beyond fixed overhead",
        ours=seconds[_DAYS],
        comparator="the same day on top of 3",
        theirs=seconds[_FEW],
        target=1.3,
        bound="at most",
        unit="s",
        note=f"{statistics.median(shares):.0%} of the full build of 31 days, of which at most 15 % is the target; "
        f"CPU seconds beyond: {beyond[_DAYS]:.1f}, and {beyond[_FEW]:.1f} on top of 3",
    )


def built(bench: Bench, home: Path, what: str) -> Finished:
    """One build below `home`, in a fresh process; see benchmarks/building/ours.py for `what`."""
    os.sync()  # what was written before is not written while this is timed
    return bench.python("benchmarks.building.ours", what, home=home)


def _round(bench: Bench, *, day: int) -> tuple[Mapping[int, Sequence[Finished]], float]:
    """Builds of a day of its own on thirty, on three and of next to nothing, in turn; and a full one beyond that."""
    taken: dict[int, list[Finished]] = {_FIXED: [], _DAYS: [], _FEW: []}
    whole = []
    for turn in range(_TURNS):
        for kind in taken if turn % 2 else reversed(taken):
            taken[kind].append(built(bench, _with_day(bench, kind, day), "new"))
    for kind in (_FIXED, _DAYS):
        whole.append(built(bench, _home(bench, kind), "all").answer["seconds"])
    return taken, whole[1] - whole[0]


def _beyond(taken: Mapping[int, Sequence[Finished]], kind: int, unit: str) -> float:
    """Raises RuntimeError when a day takes no more than next to nothing: then no ratio means anything."""
    of_kind, fixed = (statistics.median(each.answer[unit] for each in taken[place]) for place in (kind, _FIXED))
    if of_kind <= fixed:
        raise RuntimeError(f"too much else runs here: {unit} of a day {of_kind:.1f}, of next to nothing {fixed:.1f}")
    return of_kind - fixed


def _with_day(bench: Bench, kind: int, day: int) -> Path:
    """A data root with the days before built, and this one landed."""
    home, runs = _home(bench, kind), _runs(bench, kind)
    new = write_days(_logs(bench, runs), days=1, runs_a_day=runs, first=day)
    before = write_days(_logs(bench, runs), days=kind or _FEW, runs_a_day=runs, first=_DAYS - (kind or _FEW))
    # By another version of the code it would be no base: the day's build would be a whole one.
    kept = home.with_name(f"{home.name}-kept-{code_sha256(Settings.from_environment().dbt_dir)[:12]}")
    if not kept.exists():
        bench.command([str(RELIABILITY), "land", *map(str, before)], home=home)
        built(bench, home, "all")
        home.rename(kept)
    shutil.copytree(kept, fresh(home))
    bench.command([str(RELIABILITY), "land", *map(str, new)], home=home)
    return home


def _home(bench: Bench, kind: int) -> Path:
    """Always of one path, which what dbt has parsed holds for."""
    return bench.work / f"days-{kind or _FEW}-{_runs(bench, kind)}"


def _runs(bench: Bench, kind: int) -> int:
    """Runs of a day."""
    full = max(_RUNS_OF_NEXT_TO_NOTHING, bench.count(_MILLION) // EVENTS_OF_A_RUN // _DAYS)
    return full if kind else _RUNS_OF_NEXT_TO_NOTHING


def _logs(bench: Bench, runs: int) -> Path:
    return bench.work / f"logs-{runs}-a-day"
