"""Write one artifact into a folder of its own, with a manifest, and put it in place in one step."""

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import msgspec
import pyarrow.parquet as pq

from dagster_project import durable
from dagster_project.errors import UsageError
from dagster_project.publishing.read import open_published
from dagster_project.settings import Settings
from dagster_project.training.artifacts.cards import write_cards
from dagster_project.training.artifacts.hiring import write_hiring_signals
from dagster_project.training.artifacts.labels import write_labels
from dagster_project.training.artifacts.published import Published
from dagster_project.training.artifacts.ranker import write_ranker
from dagster_project.training.writing.manifest import MANIFEST_NAME, code_version
from dagster_project.training.writing.placing import exporter_lock, put_in_place, sync_tree
from dagster_project.training.writing.shards import FileFacts, file_facts

ARTIFACTS: dict[str, Callable[[Published, Path], dict[str, int]]] = {
    "labels": write_labels,
    "hiring_signals": write_hiring_signals,
    "cards": write_cards,
    "ranker": write_ranker,
}
"""Name → what writes its files into a folder and says what it counted."""


class ArtifactManifest(msgspec.Struct, frozen=True, kw_only=True):
    """manifest.json of an artifact. `counts`: what was written and what was left out, by name."""

    artifact: str
    code_version: str
    build_id: str
    snapshot_sha256: str
    counts: dict[str, int]
    files: list[FileFacts]


class ArtifactSummary(msgspec.Struct, frozen=True, kw_only=True, tag_field="kind", tag="artifact"):
    """What one export wrote."""

    artifact: str
    folder: str
    counts: dict[str, int]
    file_count: int
    build_id: str
    is_changed: bool


def export_artifacts(settings: Settings, *, out: Path | None = None) -> list[ArtifactSummary]:
    """Write every artifact; errors as in `export_artifact`."""
    return [export_artifact(settings, name, out=out) for name in ARTIFACTS]


def export_artifact(settings: Settings, name: str, *, out: Path | None = None) -> ArtifactSummary:
    """Write the artifact below `out` (default: the data root's exports), replacing an older one in one step.

    Raises UsageError for an unknown name or when nothing is published.
    """
    if name not in ARTIFACTS:
        raise UsageError(f"There is no artifact {name!r}.", remedy=f"Choose one of {', '.join(ARTIFACTS)}.")
    out = out or settings.exports
    with exporter_lock(out):
        scratch = out / f".{name}.partial"
        shutil.rmtree(scratch, ignore_errors=True)
        durable.make_folder(scratch)
        try:
            manifest = _write(settings, name, scratch)
            place = out / name
            content = _encoded(manifest)
            is_changed = not (place / MANIFEST_NAME).exists() or (place / MANIFEST_NAME).read_bytes() != content
            sync_tree(scratch)
            put_in_place(scratch, place)
        finally:
            shutil.rmtree(scratch, ignore_errors=True)
    return ArtifactSummary(
        artifact=name,
        folder=os.fspath(place),
        counts=manifest.counts,
        file_count=len(manifest.files) + 1,
        build_id=manifest.build_id,
        is_changed=is_changed,
    )


def _write(settings: Settings, name: str, folder: Path) -> ArtifactManifest:
    with open_published(settings) as connection:
        published = Published(connection)
        counts = ARTIFACTS[name](published, folder)
    files = [
        file_facts(path, folder=folder, rows=pq.read_metadata(path).num_rows if path.suffix == ".parquet" else None)
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    ]
    manifest = ArtifactManifest(
        artifact=name,
        code_version=code_version(),
        build_id=published.build_id,
        snapshot_sha256=published.snapshot_sha256,
        counts=dict(sorted(counts.items())),
        files=files,
    )
    (folder / MANIFEST_NAME).write_bytes(_encoded(manifest))
    return manifest


def _encoded(manifest: ArtifactManifest) -> bytes:
    return msgspec.json.format(msgspec.json.encode(manifest), indent=2) + b"\n"
