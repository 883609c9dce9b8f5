"""What assets, checks and sensors are given: where the data lies, the right to write the warehouse, work begun early.

Defaults work on a fresh clone; RELIABILITY_HOME moves the data root. Belongs here: typed handles. Does not: logic.
"""

from collections.abc import Generator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

import dagster as dg
from pydantic import PrivateAttr

from dagster_project import pipeline
from dagster_project.checks.outcomes import CheckOutcome
from dagster_project.passes import Recorder, recorded
from dagster_project.publishing.build import models_started
from dagster_project.publishing.dbt import DbtRun
from dagster_project.publishing.lock import warehouse_writer
from dagster_project.settings import Settings

LANDED_CHECKS = "landed_checks"
"""The step that tells what `LandedJudgement` found."""

Begun = TypeVar("Begun")


def _unless_over(
    context: dg.InitResourceContext, begun: AbstractContextManager[Begun]
) -> AbstractContextManager[Begun | None]:
    """Nothing for a run that is over: of such a one `dagster job execute` makes every resource a second time."""
    return nullcontext() if context.run and context.run.is_finished else begun


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
        with _unless_over(context, warehouse_writer(self.settings())):
            yield self

    def settings(self) -> Settings:
        return self.data_root.settings()


class FlowPass(dg.ConfigurableResource):
    """The record of this run as a pass over the flow, from its start on; publishing is its success."""

    data_root: dg.ResourceDependency[DataRoot]
    _recorder: Recorder | None = PrivateAttr(None)

    @contextmanager
    def yield_for_execution(self, context: dg.InitResourceContext) -> Generator["FlowPass"]:
        with _unless_over(context, recorded(self.data_root.settings(), by="dagster")) as self._recorder:
            yield self

    def succeed(self) -> None:
        """Readers see all that has landed."""
        assert self._recorder
        self._recorder.has_succeeded = True


class StartedModels(dg.ConfigurableResource):
    """dbt, which reads its models from the start of a run on, while logs land and others prepare the warehouse."""

    writer: dg.ResourceDependency[WarehouseWriter]
    _started: DbtRun | None = PrivateAttr(None)

    @contextmanager
    def yield_for_execution(self, context: dg.InitResourceContext) -> Generator["StartedModels"]:
        with _unless_over(context, models_started(self.writer.settings())) as self._started:
            yield self

    def take(self) -> DbtRun | None:
        """The process, once: a second try of the step starts its own."""
        started, self._started = self._started, None
        return started


class LandedJudgement(dg.ConfigurableResource):
    """The checks of what has landed. They need a core for seconds, which is free while dbt, a process apart, builds."""

    data_root: dg.ResourceDependency[DataRoot]
    _threads: ThreadPoolExecutor = PrivateAttr(default_factory=lambda: ThreadPoolExecutor(max_workers=1))
    _judged: Future[list[CheckOutcome]] | None = PrivateAttr(None)

    def teardown_after_execution(self, context: dg.InitResourceContext) -> None:
        self._threads.shutdown()

    def begin(self) -> None:
        """Judge from now on, beside what the caller does next."""
        self._judged = self._threads.submit(pipeline.check_landed, self.data_root.settings())

    def outcomes(self) -> list[CheckOutcome]:
        """What was found, since `begin` or now. Raises what judging raised."""
        return self._judged.result() if self._judged else pipeline.check_landed(self.data_root.settings())
