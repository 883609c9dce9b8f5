"""What earlier versions of the classifier said, so that a build can tell which errors have a new code.

After each publication the codes of the published fingerprints are kept, one file a classifier version. A build reads
the files of all *other* versions: building again with the same taxonomy has the same inputs.
"""

import re

import pyarrow as pa
import pyarrow.parquet as pq

from dagster_project import durable
from dagster_project.settings import Settings

EARLIER_CODES_SCHEMA = pa.schema(
    {
        "organization_id": pa.string(),
        "fingerprint": pa.string(),
        "code": pa.string(),
        "classifier_version": pa.string(),
        "version_number": pa.int64(),
    }
)
"""One row per fingerprint and earlier version; versions are numbered from 1 in the order of their publication."""

_FILE = re.compile(r"(\d{6})-(v[\w-]+)\.parquet")


def keep_codes(settings: Settings, codes: pa.Table, *, classifier_version: str) -> None:
    """Keep (organization_id, fingerprint, code) of a published snapshot as what this version says."""
    files = _files(settings)
    number = files.get(classifier_version, max(files.values(), default=0) + 1)
    path = settings.warehouse / "classifications" / f"{number:06d}-{classifier_version}.parquet"
    path.parent.mkdir(parents=True, exist_ok=True)
    durable.write_with(path, lambda partial: pq.write_table(codes, partial, compression="zstd"))


def earlier_codes(settings: Settings, *, classifier_version: str) -> pa.Table:
    """Rows of `declared.earlier_codes`: what all other versions said of the fingerprints they met."""
    tables = []
    for version, number in sorted(_files(settings).items(), key=lambda file: file[1]):
        if version != classifier_version:
            path = settings.warehouse / "classifications" / f"{number:06d}-{version}.parquet"
            codes = pq.read_table(path).select(["organization_id", "fingerprint", "code"])
            versions = pa.array([version] * len(codes), pa.string())
            numbers = pa.array([number] * len(codes), pa.int64())
            tables.append(codes.append_column("classifier_version", versions).append_column("version_number", numbers))
    return pa.concat_tables(tables).cast(EARLIER_CODES_SCHEMA) if tables else EARLIER_CODES_SCHEMA.empty_table()


def _files(settings: Settings) -> dict[str, int]:
    """Version → number of each kept file."""
    kept = (_FILE.fullmatch(path.name) for path in (settings.warehouse / "classifications").glob("*.parquet"))
    return {match[2]: int(match[1]) for match in kept if match}
