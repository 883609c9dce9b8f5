"""The training datasets, written from the published snapshot."""

from collections.abc import Iterator

import dagster as dg
import msgspec

from dagster_project import pipeline
from dagster_project.assets.failures import final_errors
from dagster_project.assets.published import PUBLISHED_KEY
from dagster_project.automation import RETRIES
from dagster_project.resources import DataRoot
from dagster_project.training.artifacts import ARTIFACTS
from dagster_project.training.datasets import DATASETS

EXPORT_KEYS = {dataset: dg.AssetKey(["exports", dataset]) for dataset in DATASETS}
ARTIFACT_KEYS = {artifact: dg.AssetKey(["exports", artifact]) for artifact in ARTIFACTS}


@dg.multi_asset(
    name="exports",
    specs=[
        dg.AssetSpec(key, deps=[PUBLISHED_KEY], group_name="exports", kinds={"parquet"}) for key in EXPORT_KEYS.values()
    ],
    can_subset=False,
    retry_policy=RETRIES,
    description="Datasets with their card, manifest, lineage and refusals; every example traces back to its bytes.",
)
def exports(data_root: DataRoot) -> Iterator[dg.MaterializeResult]:
    with final_errors():
        summaries = {summary.dataset: summary for summary in pipeline.export(data_root.settings())}
    for dataset, key in EXPORT_KEYS.items():
        yield dg.MaterializeResult(asset_key=key, metadata=msgspec.to_builtins(summaries[dataset]))


@dg.multi_asset(
    name="artifacts",
    specs=[
        dg.AssetSpec(key, deps=[PUBLISHED_KEY], group_name="exports", kinds={"json"}) for key in ARTIFACT_KEYS.values()
    ],
    can_subset=False,
    retry_policy=RETRIES,
    description="Labels, hiring signals, reliability cards and the ranker: figures, codes and ids of the snapshot.",
)
def artifacts(data_root: DataRoot) -> Iterator[dg.MaterializeResult]:
    with final_errors():
        summaries = {summary.artifact: summary for summary in pipeline.export_artifacts(data_root.settings())}
    for artifact, key in ARTIFACT_KEYS.items():
        yield dg.MaterializeResult(asset_key=key, metadata=msgspec.to_builtins(summaries[artifact]))
