"""The model that is asked where patterns are silent, judged anew whenever labels or patterns change."""

import dagster as dg
import msgspec

from dagster_project import pipeline
from dagster_project.assets.failures import final_errors
from dagster_project.automation import RETRIES
from dagster_project.resources import DataRoot


@dg.asset(
    key=["classifier", "model_verdict"],
    group_name="classifier",
    kinds={"json"},
    retry_policy=RETRIES,
    description="Whether the model of the labelled messages may speak where patterns are silent, and how good it is.",
)
def model_verdict(data_root: DataRoot) -> dg.MaterializeResult:
    with final_errors():
        verdict = pipeline.judge_model(data_root.settings())
    return dg.MaterializeResult(metadata=msgspec.to_builtins(verdict))
