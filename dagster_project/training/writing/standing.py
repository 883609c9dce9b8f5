"""Datasets that stand: what an export of now would write is there already, whole, so that nothing is written.

Beside the datasets lies a record of what they were made of. They stand while that is the same, and every file is the
one that its manifest lists.
"""

import hashlib
from contextlib import suppress
from pathlib import Path

import msgspec

from dagster_project import durable
from dagster_project.publishing.identity import code_sha256
from dagster_project.publishing.publish import current_build_id
from dagster_project.settings import Settings
from dagster_project.training.choices import declared_choices
from dagster_project.training.comparing.contamination import PROTECTED_TEXTS
from dagster_project.training.datasets import DATASETS
from dagster_project.training.export import export_all
from dagster_project.training.summary import ExportSummary, summary_of
from dagster_project.training.writing.manifest import MANIFEST_NAME, Manifest, decode_manifest
from dagster_project.training.writing.placing import exporter_lock
from dagster_project.training.writing.shards import file_facts

_RECORD = ".exported.json"


class _Record(msgspec.Struct, frozen=True):
    """A hash of what the datasets were made of, and one of their manifests."""

    made_of: str
    manifests: str


def export_unless_standing(settings: Settings, *, out: Path) -> list[ExportSummary]:
    """`export_all`, or the summaries of datasets that stand."""
    made_of = _made_of(settings)
    with exporter_lock(out):  # another exporter may be putting its own in place
        standing = _standing(settings, out, made_of)
    if standing:
        return [summary_of(manifest, out / name, is_changed=False) for name, manifest in standing.items()]
    written = export_all(settings, out=out)
    record = _Record(made_of, _sha256(_manifests(out)))
    durable.write_bytes(out / _RECORD, msgspec.json.encode(record))
    return written


def _standing(settings: Settings, out: Path, made_of: str) -> dict[str, Manifest]:
    """The manifests of datasets that stand, or none."""
    manifests = _manifests(out)
    if not _is_record_of(out, made_of, manifests):
        return {}
    build_id = current_build_id(settings)
    stand = (one.inputs.build_id == build_id and _is_whole(out / name, one) for name, one in manifests.items())
    return manifests if all(stand) else {}


def _made_of(settings: Settings) -> str:
    """A published build holds all that landed and is declared, but what is not read from its file."""
    protected = settings.declarations / PROTECTED_TEXTS
    return _sha256(
        [
            current_build_id(settings),
            code_sha256(settings.dbt_dir),
            declared_choices(settings),
            protected.read_bytes() if protected.is_file() else None,
        ]
    )


def _manifests(out: Path) -> dict[str, Manifest]:
    """Of every dataset, or none where one cannot be read."""
    with suppress(OSError, msgspec.DecodeError):
        return {name: decode_manifest((out / name / MANIFEST_NAME).read_bytes()) for name in DATASETS}
    return {}


def _is_record_of(out: Path, made_of: str, manifests: dict[str, Manifest]) -> bool:
    with suppress(OSError, msgspec.DecodeError):
        record = msgspec.json.decode((out / _RECORD).read_bytes(), type=_Record)
        return bool(manifests) and record == _Record(made_of, _sha256(manifests))
    return False


def _is_whole(folder: Path, manifest: Manifest) -> bool:
    present = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    return present == {MANIFEST_NAME, *(facts.path for facts in manifest.files)} and all(
        file_facts(folder / facts.path, folder=folder, rows=facts.rows) == facts for facts in manifest.files
    )


def _sha256(document: object) -> str:
    return hashlib.sha256(msgspec.json.encode(document)).hexdigest()
