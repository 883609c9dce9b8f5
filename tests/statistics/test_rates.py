"""Interval and standard errors of a rate agree with statsmodels; small and missing samples behave."""

import numpy as np
import pytest
import statsmodels.api as sm
from scipy import stats
from statsmodels.stats.proportion import proportion_confint

from tests.statistics.rendering import column, query, render

CASES = 2000
RANDOM = np.random.default_rng(7)


@pytest.mark.parametrize(("side", "place"), [("low", 0), ("high", 1)])
def test_wilson_bounds_are_statsmodels_bounds_for_real_valued_n(side: str, place: int) -> None:
    n = RANDOM.uniform(0.5, 5000, CASES)
    successes = n * RANDOM.uniform(0, 1, CASES)
    found = column(render("wilson_bound", "successes", "n", side), {"successes": successes, "n": n})
    expected = proportion_confint(successes, n, method="wilson")[place]
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-9)


def test_wilson_bounds_stay_within_zero_and_one() -> None:
    cases = {"successes": [0, 1, 0, 7], "n": [1, 1, 7, 7]}
    assert column(render("wilson_bound", "successes", "n", "low"), cases)[0] == 0
    assert column(render("wilson_bound", "successes", "n", "high"), cases)[1] == 1


def test_wilson_of_eight_in_ten_is_the_published_example() -> None:
    # R: prop.test(8, 10, correct = FALSE) prints 0.4901625 0.9433178.
    low, high = (column(render("wilson_bound", "8", "n", side), {"n": [10]})[0] for side in ("low", "high"))
    assert (round(low, 7), round(high, 7)) == (0.4901625, 0.9433178)


@pytest.mark.parametrize("side", ["low", "high"])
def test_without_runs_a_bound_is_null(side: str) -> None:
    cases = {"successes": [0.0, None, 1.0], "n": [0.0, 5.0, None]}
    assert column(render("wilson_bound", "successes", "n", side), cases) == [None, None, None]


def test_a_side_that_does_not_exist_is_refused() -> None:
    with pytest.raises(ValueError, match="side"):
        render("wilson_bound", "successes", "n", "middle")


def _standard_errors(samples: np.ndarray, outcomes: np.ndarray, clusters: np.ndarray) -> list[tuple]:
    """clustered, naive, design effect, effective n of every sample, by the macros in the steps that models take."""
    sql = f"""
        with means as (select sample, avg(y) as mean from cases group by 1),
        per_cluster as (
            select
                sample, power(sum(y - mean), 2) as residual_square, sum(power(y - mean, 2)) as squares,
                count(*) as size, sum(y) as value
            from cases inner join means using (sample) group by sample, cluster
        ),
        errors as (
            select
                sample,
                {render("clustered_se", "sum(residual_square)", "count(*)", "sum(size)")} as clustered,
                {render("naive_se", "sum(squares)", "sum(size)")} as naive,
                count(*) as cluster_count, sum(size) as n, sum(size * size) as size_squares,
                {render("rare_count", "value", "size")} as rare_count
            from per_cluster group by 1
        ),
        effects as (
            select *, {render("design_effect", "clustered", "naive", "cluster_count", "n")} as effect from errors
        )
        select
            clustered, naive, effect,
            {render("effective_n", "n", "effect", "cluster_count", "size_squares", "rare_count")}
        from effects order by sample
    """
    return query(sql, cases={"sample": samples, "y": outcomes, "cluster": clusters})


def _one(outcomes: list[float], clusters: list[int]) -> tuple:
    [row] = _standard_errors(np.zeros(len(outcomes)), np.array(outcomes), np.array(clusters))
    return row


def _sample(seed: int) -> tuple[np.ndarray, np.ndarray]:
    """80 outcomes over a few tasks of unequal size and difficulty; every third sample has partial credit."""
    random = np.random.default_rng(seed)
    clusters = random.integers(0, random.integers(3, 30), 80)
    outcomes = (random.uniform(0, 1, 80) < random.uniform(0, 1, 30)[clusters]).astype(float)
    return clusters, outcomes * random.uniform(0, 1, 80) if seed % 3 == 0 else outcomes


def test_clustered_and_naive_errors_are_statsmodels_errors() -> None:
    samples = [_sample(seed) for seed in range(1000)]
    found = _standard_errors(
        np.repeat(np.arange(1000), 80),
        np.concatenate([outcomes for _, outcomes in samples]),
        np.concatenate([clusters for clusters, _ in samples]),
    )
    expected = []
    for clusters, outcomes in samples:
        # statsmodels multiplies by C/(C-1) · (n-1)/(n-k); with a constant alone k = 1, so that is C/(C-1).
        model = sm.OLS(outcomes, np.ones(80))
        clustered = model.fit(cov_type="cluster", cov_kwds={"groups": clusters}).bse[0]
        naive = model.fit(cov_type="HC0").bse[0]
        effect = (clustered / naive) ** 2
        sizes = np.unique(clusters, return_counts=True)[1]
        # Korn and Graubard's n, and Kish's where that is more; few tasks may hold a success, or a failure.
        succeeding, failing = (len(np.unique(clusters[own])) for own in (outcomes > 0, outcomes < 1))
        ratio = stats.t.ppf(0.975, 79) / stats.t.ppf(0.975, min(len(sizes) - 1, succeeding, failing))
        expected.append((clustered, naive, effect, max(80 / max(1, effect) * ratio**2, 80**2 / (sizes**2).sum())))
    np.testing.assert_allclose(np.array(found), np.array(expected), rtol=1e-9, atol=1e-9)


def test_where_no_task_repeats_the_design_effect_is_one() -> None:
    assert _one([1.0, 0, 0, 1], [1, 2, 3, 4])[2:] == (1.0, 4.0)


def test_one_task_says_nothing_of_the_spread_over_tasks_and_is_worth_one_run() -> None:
    clustered, _, effect, effective = _one([1.0, 0, 0, 1], [1, 1, 1, 1])
    assert (clustered, effect, effective) == (None, None, 1.0)


@pytest.mark.parametrize("value", [1.0, 0.0, 0.7])
def test_equal_outcomes_have_no_design_effect_and_are_worth_a_run_a_task(value: float) -> None:
    assert _one([value] * 6, [1, 1, 2, 2, 3, 3])[2:] == (None, 3.0)
    # 6^2 / (4^2 + 1 + 1)
    assert _one([value] * 6, [1, 1, 1, 1, 2, 3])[2:] == (None, 2.0)


def test_two_tasks_hardly_tell_how_alike_their_attempts_are() -> None:
    # Both tasks 1 of 2: design effect 0. 4 * (3.182446 / 12.706205)^2 = .25 is less than Kish's 2.
    assert _one([1.0, 0, 0, 1], [1, 1, 2, 2])[2:] == (0.0, 2.0)


def test_twenty_tasks_of_four_attempts_by_hand() -> None:
    # Half of each task succeeds: design effect 0, taken for 1. 80 * (1.990450 / 2.093024)^2.
    outcomes, tasks = [1.0, 1.0, 0.0, 0.0] * 20, [task for task in range(20) for _ in range(4)]
    assert _one(outcomes, tasks)[3] == pytest.approx(72.35, abs=0.01)
