"""What the published errors say of the taxonomy: unknown share, patterns without hits, codes that are gone."""

from datetime import date

from dagster_project.failures.drift import SeenErrors, drift_of
from dagster_project.failures.taxonomy import parse_taxonomy
from tests.failures.test_taxonomy import mode, taxonomy

MINE = parse_taxonomy(
    taxonomy(
        mode("NET.DNS", {"contains": "host", "matches": ["host"]}, {"contains": "name", "matches": ["name"]}),
    ),
    name="mine",
)


def seen(code: str, pattern: str | None, count: int, day: date, organization: str = "acme") -> SeenErrors:
    return SeenErrors(
        organization_id=organization, code=code, matched_pattern=pattern, error_count=count, last_seen=day
    )


def test_a_pattern_without_a_hit_for_ninety_days_is_stale():
    rows = [seen("NET.DNS", "NET.DNS/1", 5, date(2026, 6, 1)), seen("NET.DNS", "NET.DNS/2", 5, date(2026, 3, 2))]
    assert drift_of(MINE, rows, built_versions=[MINE.version]).stale_patterns == ("NET.DNS/2",)
    rows[1] = seen("NET.DNS", "NET.DNS/2", 5, date(2026, 3, 3))
    assert drift_of(MINE, rows, built_versions=[MINE.version]).stale_patterns == ()


def test_one_organizations_newer_logs_make_nothing_stale_of_another():
    rows = [
        seen("NET.DNS", "NET.DNS/1", 5, date(2026, 2, 15)),
        seen("NET.DNS", "NET.DNS/2", 1, date(2026, 11, 22), organization="benchmarks"),
    ]
    assert drift_of(MINE, rows, built_versions=[MINE.version]).stale_patterns == ()


def test_the_unknown_share_is_of_all_errors_and_unknown_without_any():
    rows = [seen("NET.DNS", "NET.DNS/1", 3, date(2026, 6, 1)), seen("UNKNOWN.UNCLASSIFIED", None, 1, date(2026, 6, 1))]
    assert drift_of(MINE, rows, built_versions=[]).unknown_share == 0.25
    assert drift_of(MINE, [], built_versions=[]).unknown_share is None


def test_a_code_that_is_declared_no_more_and_another_taxonomy_are_told():
    drift = drift_of(MINE, [seen("NET.GONE", None, 1, date(2026, 6, 1))], built_versions=["v1-other"])
    assert drift.undeclared_codes == ("NET.GONE",)
    assert not drift.is_built_with_this_taxonomy
