"""A backfill of a year is one run with one step that lands and one that builds, not a process a day."""

import datetime as dt
import time

import dagster as dg
import pytest

from tests.orchestration.conftest import Location
from tests.orchestration.test_runs import steps

pytestmark = pytest.mark.slow
FIRST, LAST = dt.date(2025, 1, 1), dt.date(2025, 12, 31)


def test_a_year_of_partitions_is_one_run(location: Location) -> None:
    tags = {
        "dagster/asset_partition_range_start": FIRST.isoformat(),
        "dagster/asset_partition_range_end": LAST.isoformat(),
    }
    with dg.DagsterInstance.ephemeral() as instance:
        began = time.process_time()
        result = location.run(instance, tags=tags)
        print(f"{time.process_time() - began:.0f} s of CPU")
        assert result.success
        assert len(instance.get_runs()) == 1
        started = steps(result, dg.DagsterEventType.STEP_START)
        assert (started.count("landed"), started.count("warehouse")) == (1, 1)
        days = instance.get_materialized_partitions(dg.AssetKey(["published", "snapshot"]))
    assert days == {(FIRST + dt.timedelta(days=number)).isoformat() for number in range(365)}
