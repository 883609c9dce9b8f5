"""A process of its own for one Spark build: start Spark, register the inputs, run dbt in it, hand over the marts.

Run as `python -m dagster_project.spark.process HOME DBT_DIR MASTER [dbt argument ...]` with dbt's environment.
"""

import os
import shutil
import sys
from pathlib import Path

from dbt.cli.main import dbtRunner

from dagster_project import durable
from dagster_project.failures.model.judgement import second_opinion
from dagster_project.failures.model.labels import own_labels_file
from dagster_project.failures.validation import load_taxonomy
from dagster_project.publishing.dbt import target_folder
from dagster_project.publishing.engine import spark_tables
from dagster_project.publishing.history import columns_of_marts
from dagster_project.publishing.warehouse import pinned_snapshot_number
from dagster_project.settings import Settings
from dagster_project.snapshots import read_snapshot
from dagster_project.spark.functions import register_functions
from dagster_project.spark.inputs import register_declared, register_landed
from dagster_project.spark.kept import SCHEMAS, is_carried_on, note_kept, register_kept
from dagster_project.spark.marts import list_marts, take_marts
from dagster_project.spark.session import open_session


def main(arguments: list[str]) -> int:
    """0 when every model was made and every test held, else 1."""
    home, dbt_dir, master, *dbt_arguments = arguments
    settings = Settings(home=Path(home), dbt_dir=Path(dbt_dir), target="spark", spark_master=master)
    written = Path(os.environ["DBT_TARGET_PATH"])
    (written / "run_results.json").unlink(missing_ok=True)
    carries_on = is_carried_on(settings)
    shutil.rmtree(spark_tables(settings) / "declared" if carries_on else spark_tables(settings), ignore_errors=True)
    session = open_session(settings)
    try:
        for schema in SCHEMAS:
            session.sql(f"create schema {schema}")
        register_declared(session, settings, spark_tables(settings) / "declared")
        snapshot = read_snapshot(settings, pinned_snapshot_number(settings))
        register_landed(session, settings, snapshot, is_slice=carries_on)
        register_functions(
            session,
            load_taxonomy(settings),
            second=second_opinion(settings),
            own_labels=own_labels_file(settings),
        )
        if carries_on:
            register_kept(session, settings)
        result = dbtRunner().invoke([*dbt_arguments, "--target", "spark"])
        marts = list_marts(session)
        note_kept(session, settings)
    finally:
        session.stop()
    take_marts(settings, marts, contracts=columns_of_marts(written))
    _show_verdict(settings, written)
    return 0 if result.success else 1


def _show_verdict(settings: Settings, written: Path) -> None:
    """dbt's results take their name only now: a build whose marts were not handed over has no verdict."""
    for name in ("manifest.json", "run_results.json"):
        if (written / name).exists():
            durable.write_bytes(target_folder(settings) / name, (written / name).read_bytes())


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
