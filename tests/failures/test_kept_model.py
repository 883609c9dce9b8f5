"""A kept model says what a fitted one says, and is fitted again when it cannot be read or is of other labels."""

from pathlib import Path

import numpy as np
import pytest

from dagster_project.failures.model import second_opinion
from dagster_project.failures.model.kept_arrays import arrays_places
from dagster_project.failures.model.labels import LabelledError
from dagster_project.failures.model.linear import fit
from dagster_project.failures.model.second_opinion import kept_model
from dagster_project.settings import Settings

LABELS = [
    LabelledError("cannot resolve the host", None, None, "NET.DNS"),
    LabelledError("failed to resolve a name", None, None, "NET.DNS"),
    LabelledError("error: too many requests", None, None, "RATE.LIMITED"),
    LabelledError("rejected: too many calls", None, None, "RATE.LIMITED"),
]


@pytest.fixture(autouse=True)
def _labels(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(second_opinion, "read_labels", lambda _own: LABELS)
    kept_model.cache_clear()


def test_what_is_read_again_is_what_was_fitted(tmp_path: Path) -> None:
    fitted = fit(LABELS)
    for _ in range(2):
        kept = kept_model((tmp_path,), None)
        kept_model.cache_clear()
        assert kept.codes == fitted.codes == ("NET.DNS", "RATE.LIMITED")
        for name in ("rarity", "weights", "base"):
            np.testing.assert_array_equal(getattr(kept, name), getattr(fitted, name))
    assert len(list(tmp_path.glob("*.npz"))) == 1


def test_nothing_is_fitted_where_it_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kept_model((tmp_path,), None)
    kept_model.cache_clear()
    monkeypatch.setattr(second_opinion.linear, "fit", lambda _labels: pytest.fail("fitted again"))
    assert kept_model((tmp_path,), None).codes == ("NET.DNS", "RATE.LIMITED")


def test_a_torn_file_is_replaced(tmp_path: Path) -> None:
    kept_model((tmp_path,), None)
    kept_model.cache_clear()
    (file,) = tmp_path.glob("*.npz")
    whole = file.read_bytes()
    file.write_bytes(whole[: len(whole) // 2])
    assert kept_model((tmp_path,), None).codes == ("NET.DNS", "RATE.LIMITED")
    assert file.stat().st_size == len(whole)


def test_other_labels_take_the_place_of_those_before(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kept_model((tmp_path,), None)
    kept_model.cache_clear()
    more = [*LABELS, LabelledError("disk full: cannot write", None, None, "INFRA.DISK_FULL")]
    monkeypatch.setattr(second_opinion, "read_labels", lambda _own: more)
    assert "INFRA.DISK_FULL" in kept_model((tmp_path,), None).codes
    assert len(list(tmp_path.glob("*.npz"))) == 1


def test_a_folder_that_takes_nothing_gives_way_to_the_next(tmp_path: Path) -> None:
    no_folder, folder = tmp_path / "file", tmp_path / "folder"
    no_folder.write_text("")
    kept_model((no_folder, folder), None)
    assert len(list(folder.glob("*.npz"))) == 1


def test_only_what_ships_is_kept_for_every_data_root(settings: Settings, tmp_path: Path) -> None:
    own, other = (arrays_places(each, is_shipped=False) for each in (settings, Settings(home=tmp_path / "other")))
    shipped = arrays_places(settings, is_shipped=True)
    assert own != other
    assert shipped == (shipped[0], *own)
    assert arrays_places(Settings(home=tmp_path / "other"), is_shipped=True) == (shipped[0], *other)
    assert settings.home not in shipped[0].parents
