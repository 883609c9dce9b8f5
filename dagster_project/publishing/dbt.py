"""Run dbt as a process of its own: an in-process runner keeps the DuckDB file locked."""

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from dagster_project import durable
from dagster_project.publishing.warehouse import warehouse_file
from dagster_project.settings import Settings

SPARK_PROCESS = "dagster_project.spark.process"
"""Module that runs a dbt command within a Spark session; importing it needs the extra `[spark]`."""


_BUILD_PROCESS = "dagster_project.dbt_process"
"""Module that runs dbt's build without what no reader of a build asks for; importing it imports dbt."""


def dbt_environment(settings: Settings) -> dict[str, str]:
    """The environment of every dbt process: where it writes, and telemetry off."""
    return {
        **os.environ,
        "RELIABILITY_HOME": str(settings.home),
        "RELIABILITY_WAREHOUSE_FILE": str(warehouse_file(settings)),
        "DBT_TARGET_PATH": str(target_folder(settings)),
        "DBT_LOG_PATH": str(settings.warehouse / "logs"),
        "DBT_PROFILES_DIR": str(settings.dbt_dir),
        "DBT_PROJECT_DIR": str(settings.dbt_dir),
        "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
        "DBT_LOG_LEVEL_FILE": "none",  # it makes a line of each of thousands of events, and then writes few of them
        "DBT_USE_COLORS": "false",
        "DBT_VERSION_CHECK": "false",
        "DO_NOT_TRACK": "1",
    }


def target_folder(settings: Settings) -> Path:
    """dbt's one target folder of this data root."""
    return settings.warehouse / "dbt_target"


def run_dbt(settings: Settings, arguments: Sequence[str], *, quiet: bool = True) -> subprocess.CompletedProcess[str]:
    """Run a dbt command from inside the dbt project; its output is captured and logged unless `quiet` is False."""
    # -P: the dbt project's folder, where this runs, is no place to import from.
    module = _BUILD_PROCESS if "build" in arguments else "dbt.cli.main"
    command = [sys.executable, "-P", "-m", module, *arguments]
    environment = dbt_environment(settings)
    if settings.target == "spark" and "build" in arguments:
        place = [str(settings.home), str(settings.dbt_dir), settings.spark_master]
        command = [sys.executable, "-P", "-m", SPARK_PROCESS, *place, *arguments]
        environment["DBT_TARGET_PATH"] = str(settings.warehouse / "dbt_running")
    finished = subprocess.run(
        command,
        cwd=settings.dbt_dir,
        env=environment,
        text=True,
        stdin=subprocess.DEVNULL,
        capture_output=quiet,
        check=False,
    )
    if quiet:
        durable.make_folder(log_file(settings).parent)
        log_file(settings).write_text(finished.stdout + finished.stderr, encoding="utf-8")
    return finished


def log_file(settings: Settings) -> Path:
    """All that the last dbt command said."""
    return settings.warehouse / "logs" / "dbt.log"
