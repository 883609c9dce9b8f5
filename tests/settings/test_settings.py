"""What the environment sets is taken as given or refused by name."""

from pathlib import Path

import pytest

from dagster_project.errors import UsageError
from dagster_project.settings import Settings


def test_the_data_root_is_where_the_environment_says(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("RELIABILITY_HOME", str(tmp_path))
    monkeypatch.delenv("RELIABILITY_MAX_UNIT_BYTES", raising=False)
    settings = Settings.from_environment()
    assert (settings.home, settings.max_unit_bytes, settings.max_document_bytes) == (tmp_path, 1_048_576, 8_388_608)


def test_the_largest_unit_can_be_raised_and_documents_with_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RELIABILITY_MAX_UNIT_BYTES", "4194304")
    settings = Settings.from_environment()
    assert (settings.max_unit_bytes, settings.max_document_bytes) == (4_194_304, 33_554_432)


@pytest.mark.parametrize("cap", ["", "0", "-1", "1e6", "1 MiB", "٣"])
def test_a_cap_that_is_no_number_of_bytes_is_refused_by_name(monkeypatch: pytest.MonkeyPatch, cap: str) -> None:
    monkeypatch.setenv("RELIABILITY_MAX_UNIT_BYTES", cap)
    with pytest.raises(UsageError, match="RELIABILITY_MAX_UNIT_BYTES"):
        Settings.from_environment()
