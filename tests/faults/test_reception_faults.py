"""Whatever befalls a file operation of the receiver, no span that it acknowledged is lost, altered or landed twice."""

from pathlib import Path

import pytest

from tests.faults.points import sample
from tests.faults.receptions import faults_after, points_of

SEED = 20260301
# Strata (operation, kind of path, fault), 35 when this was written.
LEAST_STRATA = 25


@pytest.mark.slow
@pytest.mark.xdist_group("faults receive")
def test_a_fault_of_every_kind_loses_no_acknowledged_span(library: Path, tmp_path: Path) -> None:
    points = sample(points_of(tmp_path / "calm", library=library), per_stratum=1, seed=SEED)
    assert len({point.stratum for point in points}) >= LEAST_STRATA
    found = {
        str(point): faults_after(tmp_path / f"home{number}", point, library=library)
        for number, point in enumerate(points)
    }
    assert {point: wrong for point, wrong in found.items() if wrong} == {}
