"""The intervals hold what they promise: simulated truth lies inside 95 % of them, two binomial errors allowed."""

import numpy as np
import pytest
from statsmodels.stats.proportion import proportion_confint

from tests.statistics import simulated_suites
from tests.statistics.rendering import query, render

SUITES, TASKS, ATTEMPTS = 3000, 50, 4
MARGIN = 2 * (0.95 * 0.05 / SUITES) ** 0.5


def _bounds(successes: np.ndarray) -> np.ndarray:
    """Rows (suite, n, effective n, low, high) of suites with the same tasks and attempts."""
    suites, tasks = successes.shape
    cases = {
        "suite": np.repeat(np.arange(suites), tasks),
        "n": np.full(suites * tasks, ATTEMPTS),
        "c": successes.ravel().astype(float),
    }
    return np.array(query(simulated_suites.INTERVALS_SQL, cases=cases))


@pytest.fixture(scope="module")
def suites() -> np.ndarray:
    """Successes of 50 tasks in 4 attempts each, tasks mostly easy or mostly hard: their mean chance is one half."""
    random = np.random.default_rng(1)
    return random.binomial(ATTEMPTS, random.beta(0.4, 0.4, (SUITES, TASKS)))


def test_the_interval_of_a_repeated_suite_covers_95_in_100(suites: np.ndarray) -> None:
    low, high = _bounds(suites)[:, 3:].T
    assert np.mean((low <= 0.5) & (high >= 0.5)) == pytest.approx(0.95, abs=MARGIN)


def test_attempts_taken_for_independent_would_cover_far_less(suites: np.ndarray) -> None:
    low, high = proportion_confint(suites.sum(axis=1), TASKS * ATTEMPTS, method="wilson")
    assert np.mean((low <= 0.5) & (high >= 0.5)) < 0.85


@pytest.mark.slow
def test_intervals_cover_in_suites_of_every_size_repetition_rate_and_likeness() -> None:
    drawn = simulated_suites.draw(seeds=200, per_seed=300)
    holds = simulated_suites.covered(drawn)
    assert holds.size >= 20_000
    assert holds.mean() >= 0.95 - 2 * (0.95 * 0.05 / holds.size) ** 0.5
    # Every single stratum, and every two of them together.
    found = simulated_suites.shares(drawn, holds)
    assert {stratum: share for stratum, (share, _) in found.items() if share < 0.93} == {}


@pytest.mark.parametrize("rate", [0.03, 0.1, 0.96])
@pytest.mark.parametrize("tasks", [12, 30, 50])
def test_intervals_cover_where_few_tasks_tell_of_the_rarer_outcome(tasks: int, rate: float) -> None:
    """Many attempts, alike within a task (intra-class correlation .5), unequal in number, at an extreme rate."""
    random = np.random.default_rng([tasks, int(100 * rate)])
    attempts = np.minimum(random.geometric(0.1, (2000, tasks)), 20)
    successes = random.binomial(attempts, random.beta(rate, 1 - rate, attempts.shape))
    cases = {"suite": np.repeat(np.arange(2000), tasks), "n": attempts.ravel(), "c": successes.ravel().astype(float)}
    low, high = np.array(query(simulated_suites.INTERVALS_SQL, cases=cases))[:, 3:].T
    assert np.mean((low <= rate) & (rate <= high)) >= 0.93


@pytest.mark.parametrize("tasks", [10, 20, 50])
def test_two_equal_variants_are_told_apart_at_most_5_times_in_100(tasks: int) -> None:
    random = np.random.default_rng(tasks)
    chances = random.beta(0.6, 0.6, (SUITES, tasks))
    first, second = (random.uniform(size=chances.shape) < chances for _ in range(2))
    sql = f"""
        with pairs as (select pair, avg(d) as mean, var_samp(d) as variance, count(*) as n from cases group by 1),
        centred as (
            select *, {render("paired_centre", "mean", "n", "1")} as centre,
                {render("paired_variance", "mean", "variance", "n", "1")} as full_variance,
                {render("paired_degrees_of_freedom", "n", "1")} as df
            from pairs
        ),
        measured as (select *, {render("paired_se", "full_variance", "n", "1")} as se from centred)
        select avg(case when {render("t_p_value", "centre", "se", "df")} < 0.05 then 1 else 0 end) from measured
    """
    differences = first.astype(float) - second.astype(float)
    cases = {"pair": np.repeat(np.arange(SUITES), tasks), "d": differences.ravel()}
    [(share,)] = query(sql, cases=cases)
    assert share <= 0.05 + MARGIN
