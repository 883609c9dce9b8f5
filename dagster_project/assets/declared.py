"""The declared tables, put into a fresh private warehouse beside views of one landed snapshot."""

import dagster as dg

from dagster_project import pipeline
from dagster_project.assets.failures import final_errors
from dagster_project.assets.landed import LANDED_KEYS
from dagster_project.automation import RETRIES, WRITER_POOL
from dagster_project.resources import WarehouseWriter

DECLARED_KEY = dg.AssetKey(["declared", "tables"])
"""Every declared table together: they are made at once, and make one build."""


@dg.asset(
    key=DECLARED_KEY,
    deps=list(LANDED_KEYS.values()),
    group_name="declared",
    kinds={"yaml"},
    retry_policy=RETRIES,
    pool=WRITER_POOL,
    description="What people declare, as tables; making them pins the landed snapshot this build reads.",
)
def declared(writer: WarehouseWriter) -> dg.MaterializeResult:
    settings = writer.settings()
    with final_errors():
        build_id = pipeline.prepare(settings)
    return dg.MaterializeResult(metadata={"build_id": build_id})
