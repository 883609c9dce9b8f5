"""Whatever befalls a file operation of publishing or exporting: readers see the old or the new state, and none is lost.

Only the command line may turn a disk's refusal into its exit code: 1 is kept for checks that failed.
"""

import errno
from pathlib import Path

import duckdb
import pytest

from dagster_project import cli
from tests.faults.points import sample
from tests.faults.publications import COMMANDS, Publication, faults_after
from tests.faults.shim import Server
from tests.faults.trial import NOT_REACHED

SEED = 20260301
# Strata (operation, kind of path, fault): 53 and 79 when this was written; DuckDB's own vary a little.
LEAST_STRATA = {"publish": 40, "export": 65}
MOST_NOT_REACHED = 5


@pytest.mark.slow
@pytest.mark.parametrize(
    "command", [pytest.param(name, marks=pytest.mark.xdist_group(f"faults {name}")) for name in COMMANDS]
)
def test_a_fault_of_every_kind_at_every_kind_of_path_loses_no_reader(
    command: str, faulty: Server, tmp_path: Path
) -> None:
    ground = Publication(command, server=faulty, folder=tmp_path / "ground")
    points = sample(ground.points, per_stratum=1, seed=SEED)
    assert len(points) >= LEAST_STRATA[command]
    found = {str(point): faults_after(ground, point) for point in points}
    assert sum(wrong == [NOT_REACHED] for wrong in found.values()) <= MOST_NOT_REACHED
    assert {point: wrong for point, wrong in found.items() if wrong not in ([], [NOT_REACHED])} == {}


@pytest.mark.parametrize(
    "error",
    [OSError(errno.ENOSPC, "No space left on device", "somewhere"), duckdb.IOException("No space left: somewhere")],
    ids=["ours", "of DuckDB"],
)
def test_a_disk_that_says_no_is_told_and_is_no_failed_check(
    error: Exception, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def refuse(**_options: object) -> None:
        raise error

    monkeypatch.setattr(cli, "reliability", refuse)
    with pytest.raises(SystemExit) as ended:
        cli.main()
    assert ended.value.code == 2
    told = capsys.readouterr().err
    assert told.startswith("error: A file could not be read or written") and "somewhere" in told
