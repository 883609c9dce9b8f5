"""The rows about operating: a day and a week of a fleet from files to answers, and what Dagster adds."""

import json
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

from benchmarks.bench import RELIABILITY, Bench
from benchmarks.building.event_lines import EVENTS_OF_A_RUN, write_days
from benchmarks.fresh import fresh
from benchmarks.row import Row, alone
from dagster_project.instance import instance_environment, write_instance
from dagster_project.settings import Settings

_MILLION = 1_000_000
_AGENTS = 60
_DAGSTER_RUN = (
    *(str(Path(sys.executable).with_name("dagster")), "job", "execute", "-m", "dagster_project.definitions"),
    *("-j", "everything", "--tags", json.dumps({"dagster/partition": "2026-03-01"})),
)


def day_1m(bench: Bench) -> Row:
    """A day of 1M events from its file to the published marts and exports; what that weighs in memory and on disk."""
    count = bench.count(_MILLION)
    logs = fresh(bench.work / "logs-of-one-day")
    write_days(logs, days=1, runs_a_day=count // EVENTS_OF_A_RUN)
    home = fresh(bench.work / "one-day")
    finished = bench.command([str(RELIABILITY), "run", str(logs), "--json"], home=home, is_watched=True)
    published = (home / "published" / "current.duckdb").stat().st_size
    shutil.rmtree(home)
    return alone(
        "day_1m",
        what="a day of 1M events: land, build, audit, publish, export",
        ours=[finished.wall_seconds],
        target=300,
        bound="at most",
        unit="s",
        note=f"peak {finished.peak_bytes / 2**30:.2f} GiB; {published / count:.0f} published bytes an event",
    )


def week_of_60_agents(bench: Bench) -> Row:
    """A week's evaluation of sixty agents: the flow over 420,000 events, then standing and advice of each agent."""
    logs = fresh(bench.work / "logs-of-a-week")
    write_days(logs, days=7, runs_a_day=bench.count(_AGENTS * 100), agents=_AGENTS)
    home = fresh(bench.work / "week")
    seconds = bench.command([str(RELIABILITY), "run", str(logs), "--json"], home=home).wall_seconds
    answered = bench.command([str(RELIABILITY), "top", "--json"], home=home)
    seconds += answered.wall_seconds
    for number in range(_AGENTS):
        for document in ("agent", "suggest"):
            asked = bench.command([str(RELIABILITY), document, f"agent-{number:02d}", "--json"], home=home)
            seconds += asked.wall_seconds
    shutil.rmtree(home)
    return alone(
        "week_of_60_agents",
        what=f"a week of {_AGENTS} agents, from the logs to standing and advice of each",
        ours=[seconds],
        target=1800,
        bound="at most",
        unit="s",
        note=f"{len(answered.answer['agents'])} agents listed",
    )


def dagster_overhead(bench: Bench) -> Row:
    """What Dagster adds to the same work by the command line: one run of its job over the same inbox of one day.

    Its records go where those of `reliability up` go.
    """
    logs = bench.work / "logs-of-a-day"
    write_days(logs, days=1, runs_a_day=300)
    bench.python("dagster_project.publishing.manifest")  # what the first run of a version pays is no part of it
    extra = []
    for _ in range(bench.rounds):
        seconds = []
        for command in ([*_DAGSTER_RUN], None):
            settings = Settings(home=fresh(bench.work / "dagster"))
            shutil.copytree(logs, settings.inbox)
            write_instance(settings)
            command = command or [str(RELIABILITY), "run", str(settings.inbox), "--json"]
            environment = instance_environment(settings)
            seconds.append(bench.command(command, home=settings.home, environment=environment).wall_seconds)
        extra.append(seconds[0] - seconds[1])
    return alone(
        "dagster_overhead",
        what="what a Dagster run of a day adds to the command",
        ours=extra,
        target=8,
        bound="at most",
        unit="s",
    )


MEASURES: dict[str, Callable[[Bench], Row | None]] = {
    "day_1m": day_1m,
    "week_of_60_agents": week_of_60_agents,
    "dagster_overhead": dagster_overhead,
}
"""Every row by its name."""
