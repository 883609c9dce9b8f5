"""What an export tells of itself when it is done."""

import os
from pathlib import Path

import msgspec

from dagster_project.training.writing.manifest import Manifest


class ExportSummary(msgspec.Struct, frozen=True, kw_only=True, tag_field="kind", tag="dataset"):
    """What one export wrote. `runs_used` of `runs_in` runs are in its rows; the others are in refusals.parquet."""

    dataset: str
    folder: str
    row_count: int
    splits: dict[str, int]
    runs_in: int
    runs_used: int
    refused: dict[str, int]
    file_count: int
    byte_count: int
    build_id: str
    is_changed: bool


def summary_of(manifest: Manifest, folder: Path, *, is_changed: bool) -> ExportSummary:
    """The summary of a dataset that was put into the folder."""
    return ExportSummary(
        dataset=manifest.dataset,
        folder=os.fspath(folder),
        row_count=manifest.row_count,
        splits=manifest.splits,
        runs_in=manifest.runs.runs_in,
        runs_used=manifest.runs.used,
        refused=manifest.runs.refused,
        file_count=len(manifest.files) + 1,
        byte_count=sum(facts.bytes for facts in manifest.files),
        build_id=manifest.inputs.build_id,
        is_changed=is_changed,
    )
