"""One build below RELIABILITY_HOME and its seconds: `python -m benchmarks.building.ours core|all|new|parse`.

`core`: the marts that benchmarks/building/comparator.sql makes by hand, with their tests. `all`: every mart, from
nothing. `new`: what changed since the last build. `parse`: the models are read, as the first build of a version does.
"""

import json
import resource
import sys
import time

from dagster_project import durable, pipeline
from dagster_project.publishing.dbt import DbtRun, run_dbt
from dagster_project.publishing.warehouse import warehouse_file
from dagster_project.settings import Settings

CORE = ("steps", "llm_calls", "tool_calls", "messages", "scores", "agent_runs", "agent_metrics_daily")
# Tests of what is selected alone: some read marts that are not.
_QUIETLY = ("--exclude-resource-type", "unit_test", "--indirect-selection", "cautious")


def main(what: str) -> None:
    """Build, print the seconds; exit 1 when a check failed."""
    settings = Settings.from_environment()
    began = time.perf_counter()
    succeeded = {"core": _core, "all": _all, "new": _new, "parse": _parse}[what](settings)
    seconds = time.perf_counter() - began
    file = warehouse_file(settings)
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    answer = {
        "seconds": seconds,
        "cpu_seconds": sum(one.ru_utime + one.ru_stime for one in used),
        "size": file.stat().st_size if file.exists() else 0,
    }
    print(json.dumps(answer))
    if not succeeded:
        sys.exit(1)


def _all(settings: Settings) -> bool:
    return pipeline.build(settings, full_refresh=True).succeeded


def _new(settings: Settings) -> bool:
    return pipeline.build(settings).succeeded


def _parse(settings: Settings) -> bool:
    durable.make_folder(settings.warehouse)
    return run_dbt(settings, ["parse"]).returncode == 0


def _core(settings: Settings) -> bool:
    warehouse_file(settings).unlink(missing_ok=True)
    selected = [f"+{name}" for name in CORE]
    # As every build does: dbt reads its models while the warehouse is made.
    with DbtRun(settings, ["build", *_QUIETLY, "--select", *selected]) as started:
        pipeline.prepare(settings)
        return started.finish().returncode == 0


if __name__ == "__main__":
    main(*sys.argv[1:])
