"""A process of its own for one Spark build: start Spark, register the inputs, run dbt in it, hand over the marts.

Run as `python -m dagster_project.spark.process HOME DBT_DIR MASTER [dbt argument ...]` with dbt's environment.
"""

import os
import shutil
import sys
from pathlib import Path

from dbt.cli.main import dbtRunner

from dagster_project import durable
from dagster_project.failures.validation import load_taxonomy
from dagster_project.publishing.dbt import target_folder
from dagster_project.publishing.warehouse import pinned_snapshot_number
from dagster_project.settings import Settings
from dagster_project.snapshots import read_snapshot
from dagster_project.spark.functions import register_functions
from dagster_project.spark.inputs import register_declared, register_landed
from dagster_project.spark.marts import list_marts, take_marts
from dagster_project.spark.session import open_session, tables_folder


def main(arguments: list[str]) -> int:
    """0 when every model was made and every test held, else 1."""
    home, dbt_dir, master, *dbt_arguments = arguments
    settings = Settings(home=Path(home), dbt_dir=Path(dbt_dir), target="spark", spark_master=master)
    shutil.rmtree(tables_folder(settings), ignore_errors=True)
    session = open_session(settings)
    try:
        register_landed(session, settings, read_snapshot(settings, pinned_snapshot_number(settings)))
        register_declared(session, settings, tables_folder(settings) / "declared")
        register_functions(session, load_taxonomy(settings))
        for schema in ("staging", "intermediate", "marts"):
            session.sql(f"create schema {schema}")
        result = dbtRunner().invoke([*dbt_arguments, "--target", "spark"])
        marts = list_marts(session)
    finally:
        session.stop()
    take_marts(settings, marts)
    _show_verdict(settings, Path(os.environ["DBT_TARGET_PATH"]))
    return 0 if result.success else 1


def _show_verdict(settings: Settings, written: Path) -> None:
    """dbt's results take their name only now: a build whose marts were not handed over has no verdict."""
    for name in ("manifest.json", "run_results.json"):
        if (written / name).exists():
            durable.write_bytes(target_folder(settings) / name, (written / name).read_bytes())


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
