"""Guards: trainers take what is exported. Runs only where the extra `train` is installed."""

import pytest

from dagster_project.settings import Settings

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("training")]


def test_every_dataset_is_loaded_rendered_and_trained_on(
    world: Settings, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("trl")
    from dagster_project.training import smoke

    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    assert smoke.main(world.exports) == 0
    lines = [line for line in capsys.readouterr().out.splitlines() if "rows loaded and rendered" in line]
    assert {line.partition(":")[0] for line in lines} == {"sft", "preferences", "efficiency", "unpaired", "prompts"}
