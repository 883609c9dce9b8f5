"""What assets, checks and sensors are given: where the data lies, and the right to write the warehouse.

Defaults work on a fresh clone; RELIABILITY_HOME moves the data root. Belongs here: typed handles. Does not: logic.
"""

from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import dagster as dg

from dagster_project.publishing.lock import warehouse_writer
from dagster_project.settings import Settings


class DataRoot(dg.ConfigurableResource):
    """The data root; by default the one RELIABILITY_HOME names."""

    home: str | None = None
    dbt_dir: str | None = None

    def settings(self) -> Settings:
        default = Settings.from_environment()
        return replace(
            default,
            home=Path(self.home).absolute() if self.home else default.home,
            dbt_dir=Path(self.dbt_dir).absolute() if self.dbt_dir else default.dbt_dir,
        )


class WarehouseWriter(dg.ConfigurableResource):
    """Holds the warehouse writer's lock for a whole run: no command line build can come between two of its steps."""

    data_root: dg.ResourceDependency[DataRoot]

    @contextmanager
    def yield_for_execution(self, context: dg.InitResourceContext) -> Generator["WarehouseWriter"]:
        with warehouse_writer(self.settings()):
            yield self

    def settings(self) -> Settings:
        return self.data_root.settings()
