"""What retention removes leaves the marts too, day by day as in a full build, and every account still adds up."""

import datetime as dt
from pathlib import Path

import duckdb
import pyarrow as pa
import pytest

from dagster_project.landing import land
from dagster_project.landing.retention.retaining import retain
from dagster_project.publishing.warehouse import warehouse_file
from dagster_project.settings import Settings
from tests.incremental.models import Model, failed_tests, mart_rows, published_marts, run_models
from tests.incremental.test_record_ledger import deletion, found, run_lines, write
from tests.landed_rows import DEFAULT_DECLARED
from tests.landing.test_payload_lane import consenting

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("incremental")]

TODAY = dt.date(2026, 11, 1)
CONSENT = pa.Table.from_pylist(
    [{"organization_id": "acme", "source": None, "retention_days": 5, "records_retention_days": 8}]
)


def sums(settings: Settings, sql: str) -> list[tuple]:
    with duckdb.connect(str(warehouse_file(settings)), read_only=True) as connection:
        return connection.execute(sql).fetchall()


def test_what_retention_removes_is_expired_or_deleted_and_in_no_mart(
    compiled: tuple[list[Model], list[str]], settings: Settings, tmp_path: Path
) -> None:
    models, tests = compiled
    consent = consenting(("acme", None, True, True, 5))
    batches = [
        [line for number in range(1, 11) for line in run_lines(number)],
        [deletion("r9"), deletion("no-10"), *(line for number in range(11, 15) for line in run_lines(number))],
    ]
    for number, events in enumerate(batches):
        land(settings, [write(tmp_path / f"log-{number}.jsonl", events)], declarations=consent)
        run_models(settings, models, declared={})
    published, _ = published_marts(settings, models, last=None)
    done = retain(settings, consent=CONSENT, today=TODAY)  # as of 14 March: days 1 to 6 are over, texts to 9
    assert set(done.removed) == {"records_expired", "run_deleted", "text_expired"}
    declared = {"build": [{**DEFAULT_DECLARED["build"][0], "build_id": "without what was removed"}]}
    run_models(settings, models, declared=declared)
    assert failed_tests(settings, tests) == []
    runs = "select min(event_date), count(*) from marts.agent_runs"
    assert sums(settings, runs) == [(dt.date(2026, 3, 7), 7)]  # 7 to 14 March without r9
    by_fate, unaccounted = found(settings)
    assert unaccounted == []
    of_runs = {fate: sum(count for (_, table, one), count in by_fate.items() if (table, one) == ("runs", fate))
               for fate in ("visible", "expired", "deleted")}  # fmt: skip
    assert of_runs == {"visible": 14, "expired": 12, "deleted": 2}  # two events a run
    steps = "select sum(row_count) from marts.retention_tombstones where landed_table = 'steps' and reason = "
    assert sums(settings, steps + "'records_expired'") == [(12,)]  # and those of runs that never landed
    assert sums(settings, steps + "'run_deleted'") == [(2,)]
    _, is_carried_on = published_marts(settings, models, last=published)
    assert not is_carried_on  # bytes of what was removed would be in the copy
    incremental = mart_rows(settings)
    run_models(settings, models, declared=declared, full_refresh=True)
    assert mart_rows(settings) == incremental
