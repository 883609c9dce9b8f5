"""What earlier versions of the classifier said is kept, and a version never reads its own words."""

import pyarrow as pa

from dagster_project.failures.history import earlier_codes, keep_codes
from dagster_project.settings import Settings


def _codes(*codes: str) -> pa.Table:
    return pa.table(
        {
            "organization_id": ["o"] * len(codes),
            "fingerprint": [f"f{number}" for number in range(len(codes))],
            "code": list(codes),
        }
    )


def _said(settings: Settings, version: str) -> list[tuple]:
    rows = earlier_codes(settings, classifier_version=version).to_pylist()
    return [(row["fingerprint"], row["code"], row["classifier_version"], row["version_number"]) for row in rows]


def test_a_version_reads_what_all_others_said_in_their_order(settings: Settings):
    keep_codes(settings, _codes("NET.DNS"), classifier_version="v1-z")
    keep_codes(settings, _codes("NET.TLS"), classifier_version="v1-a")
    assert _said(settings, "v1-new") == [("f0", "NET.DNS", "v1-z", 1), ("f0", "NET.TLS", "v1-a", 2)]
    assert _said(settings, "v1-a") == [("f0", "NET.DNS", "v1-z", 1)]


def test_publishing_again_replaces_what_the_same_version_said(settings: Settings):
    keep_codes(settings, _codes("NET.DNS"), classifier_version="v1-a")
    keep_codes(settings, _codes("NET.DNS", "NET.TLS"), classifier_version="v1-a")
    assert _said(settings, "v1-b") == [("f0", "NET.DNS", "v1-a", 1), ("f1", "NET.TLS", "v1-a", 1)]


def test_nothing_was_said_before_the_first_publication(settings: Settings):
    assert _said(settings, "v1-a") == []
