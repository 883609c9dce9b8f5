"""The code location's table of contents: everything Dagster runs, listed in flow order."""

from collections.abc import Mapping
from typing import Any

import dagster as dg

from dagster_project.assets.checks import export_checks, landed_checks
from dagster_project.assets.classifier import model_verdict
from dagster_project.assets.declared import declared_assets
from dagster_project.assets.exports import artifacts, exports
from dagster_project.assets.landed import landed
from dagster_project.assets.published import published_asset
from dagster_project.assets.warehouse import warehouse_assets
from dagster_project.automation import every_morning, everything, inbox_changed
from dagster_project.publishing.manifest import read_manifest
from dagster_project.resources import DataRoot, WarehouseWriter


def build_definitions(resources: Mapping[str, Any] | None = None) -> dg.Definitions:
    """The definitions over the default data root, or over the `data_root` given in `resources`."""
    data_root = DataRoot(**(resources or {}).get("data_root", {}))
    manifest = read_manifest(data_root.settings())
    warehouse = warehouse_assets(manifest)
    marts = [key for key in warehouse.keys if key.path[0] == "marts"]
    return dg.Definitions(
        assets=[
            landed,
            model_verdict,
            declared_assets(manifest),
            warehouse,
            published_asset(marts),
            exports,
            artifacts,
        ],
        asset_checks=[landed_checks, export_checks],
        jobs=[everything],
        schedules=[every_morning],
        sensors=[inbox_changed],
        resources={
            "data_root": data_root,
            "writer": WarehouseWriter(data_root=data_root),
        },
        executor=dg.in_process_executor,
    )


@dg.definitions
def definitions() -> dg.Definitions:
    """What the webserver and the daemon load."""
    return build_definitions()
