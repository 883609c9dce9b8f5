"""Rates, intervals, percentiles and ranks agree with statsmodels, numpy and scipy on the scenario's runs."""

import math

import numpy as np
import pytest
from scipy import stats
from statsmodels.api import OLS
from statsmodels.stats.proportion import proportion_confint

from tests.warehouse import scenario


def metrics_of(rows, agent_id, window_name="all"):
    [metrics] = rows(
        f"select * from marts.agent_metrics where agent_id = '{agent_id}' and window_name = '{window_name}'"
    )
    return metrics


def test_the_interval_widens_by_the_design_effect_of_repeated_tasks_and_by_their_fewness(rows):
    outcomes = np.array([int(mark) for marks in scenario.CLUSTERED_OUTCOMES.values() for mark in marks])
    tasks = np.repeat(np.arange(5), 5)
    fit = OLS(outcomes, np.ones(25)).fit(cov_type="cluster", cov_kwds={"groups": tasks})
    # With one regressor statsmodels' further factor (n - 1) / (n - 1) is 1: the same definition.
    naive = math.sqrt(0.6 * 0.4 / 25)
    # Nearly as alike as can be: Korn and Graubard's 25 / 4.58 · (2.064 / 2.776)² = 3 is less than Kish's 5.
    assert 25 / (fit.bse[0] / naive) ** 2 * (stats.t.ppf(0.975, 24) / stats.t.ppf(0.975, 4)) ** 2 < 5
    n_eff = 25**2 / (5 * 5**2)
    low, high = proportion_confint(0.6 * n_eff, n_eff, method="wilson")

    found = metrics_of(rows, "repeater")
    assert found["success_rate"] == pytest.approx(0.6, abs=1e-12)
    assert found["effective_run_count"] == pytest.approx(n_eff, rel=1e-9)
    assert (found["success_rate_low"], found["success_rate_high"]) == pytest.approx((low, high), rel=1e-9)


def test_latency_percentiles_are_exact(rows):
    found = metrics_of(rows, "timed")
    for name, quantile in (("p50", 50), ("p95", 95), ("p99", 99)):
        expected = np.percentile(scenario.LATENCIES, quantile)
        assert found[f"latency_{name}_ms"] == pytest.approx(expected, rel=1e-12)
    assert found["avg_latency_ms"] == pytest.approx(np.mean(scenario.LATENCIES))
    # Of eleven values the second and the second last hold the median 95 times in 100; none hold the 95th percentile.
    assert (found["latency_p50_low_ms"], found["latency_p50_high_ms"]) == (80, 640)
    assert (found["latency_p95_low_ms"], found["latency_p95_high_ms"]) == (None, None)


def test_a_mean_of_few_runs_has_no_interval(rows):
    [latency] = rows(
        "select * from marts.agent_percentile_ranks "
        "where agent_id = 'timed' and metric = 'avg_latency_ms' and window_name = 'all'"
    )
    assert latency["value"] == pytest.approx(np.mean(scenario.LATENCIES), rel=1e-12)
    assert (latency["value_low"], latency["value_high"]) == (None, None)


def test_runs_without_an_outcome_have_no_rate(rows):
    found = metrics_of(rows, "timed")
    assert (found["run_count"], found["scored_run_count"], found["unscored_run_count"]) == (11, 0, 11)
    assert found["success_rate"] is None
    assert found["success_rate_low"] is None
    assert found["retry_rate"] is None


def test_an_undated_run_is_in_the_window_all_and_in_no_day(rows):
    windows = rows("select window_name, run_count from marts.agent_metrics where agent_id = 'undated_agent'")
    assert windows == [{"window_name": "all", "run_count": 1}]
    assert rows("select * from marts.agent_metrics_daily where agent_id = 'undated_agent'") == []


def test_a_one_day_window_ends_with_the_newest_day_of_the_organization(rows):
    assert metrics_of(rows, "spender' and organization_id = 'acme", "1d")["run_count"] == 1
    assert metrics_of(rows, "spender' and organization_id = 'acme", "7d")["run_count"] == 4
    [build] = rows("select cast(as_of as varchar) as as_of from marts.warehouse_build where organization_id = 'acme'")
    assert build["as_of"] == "2026-03-02"


def test_success_ranks_are_mid_ranks(rows):
    successes = [5 * (6 if agent == 7 else agent) for agent in range(12)]
    found = rows(
        "select * from marts.agent_percentile_ranks where organization_id = 'ranks' "
        "and metric = 'success_rate' and window_name = 'all' order by agent_id"
    )
    assert [row["gate"] for row in found] == ["ranked"] * 12
    assert [row["cohort_size"] for row in found] == [12] * 12
    expected = [stats.percentileofscore(successes, success, kind="mean") for success in successes]
    assert [row["percentile_rank"] for row in found] == pytest.approx(expected)


def test_rank_bounds_count_every_overlapping_agent_both_ways(rows):
    successes = [5 * (6 if agent == 7 else agent) for agent in range(12)]
    intervals = [proportion_confint(success, 60, method="wilson") for success in successes]
    found = rows(
        "select * from marts.agent_percentile_ranks where organization_id = 'ranks' "
        "and metric = 'success_rate' and window_name = 'all' order by agent_id"
    )
    for row, (low, high) in zip(found, intervals, strict=True):
        surely_worse = sum(other_high < low for _, other_high in intervals)
        surely_better = sum(other_low > high for other_low, _ in intervals)
        assert row["percentile_rank_low"] == pytest.approx(100 * (surely_worse + 0.5) / 12)
        assert row["percentile_rank_high"] == pytest.approx(100 * (12 - surely_better - 0.5) / 12)


def test_a_small_cohort_has_no_ranks_and_says_so(rows):
    found = rows(
        "select agent_id, gate, percentile_rank from marts.agent_percentile_ranks "
        "where organization_id = 'acme' and metric = 'dispute_rate' and window_name = 'all'"
    )
    gates = {row["agent_id"]: row["gate"] for row in found}
    assert (gates["repeater"], gates["timed"]) == ("small_cohort", "insufficient")
    assert {row["percentile_rank"] for row in found} == {None}


def test_every_agent_has_a_report_for_every_week_in_which_it_ran(rows):
    missing = rows(
        """
        select distinct organization_id, agent_id, cast(date_trunc('week', event_date) as date) as week_start
        from marts.agent_runs where event_date is not null
        except
        select organization_id, agent_id, week_start from marts.evaluation_reports where summary is not null
        """
    )
    assert missing == []
    [reports] = rows("select count(*) as n from marts.evaluation_reports")
    assert reports["n"] > 10


def test_days_add_up_to_the_dated_runs(rows):
    [found] = rows(
        """
        select (select sum(run_count) from marts.agent_metrics_daily) as by_day,
            (select count(*) from marts.agent_runs where event_date is not null) as dated
        """
    )
    assert found["by_day"] == found["dated"]
