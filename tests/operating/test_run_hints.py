"""Guards: a pass whose datasets lack texts says why, and tells nobody to do what he has done."""

import msgspec

from dagster_project.commands.run import hint_at_texts
from dagster_project.training import ExportSummary

EMPTY = ExportSummary(
    dataset="efficiency",
    folder="exports/efficiency",
    row_count=0,
    splits={"train": 0, "validation": 0, "test": 0},
    runs_in=3,
    runs_used=0,
    refused={"payload_missing": 2, "not_successful": 1},
    file_count=0,
    byte_count=0,
    build_id="b",
    is_changed=True,
)


def test_who_kept_no_texts_is_told_how_to() -> None:
    assert "--payloads" in "".join(hint_at_texts([EMPTY], are_texts_kept=False))


def test_who_keeps_texts_is_told_that_some_have_expired() -> None:
    hint = "".join(hint_at_texts([EMPTY], are_texts_kept=True))
    assert "retention_days" in hint
    assert "--payloads" not in hint


def test_datasets_with_rows_or_without_missing_texts_need_no_hint() -> None:
    full = msgspec.structs.replace(EMPTY, row_count=1)
    told = msgspec.structs.replace(EMPTY, refused={"not_successful": 3})
    assert hint_at_texts([full, told], are_texts_kept=False) == []
