"""The paired comparison agrees with scipy and statsmodels, and equal columns never look certain."""

import numpy as np
import pytest
from scipy import stats
from statsmodels.stats.contingency_tables import mcnemar
from statsmodels.stats.power import TTestPower

from tests.statistics.rendering import column, query, render

RANDOM = np.random.default_rng(5)
COMPARISONS = 1000


def _compare(differences: list[np.ndarray], pseudo_pairs: int) -> list[tuple]:
    """low, high, p and minimum detectable effect of every list of per-task differences, by the macros."""
    q = str(pseudo_pairs)
    sql = f"""
        with pairs as (
            select comparison, avg(d) as mean, var_samp(d) as variance, count(*) as n from cases group by 1
        ),
        centred as (
            select *, {render("paired_centre", "mean", "n", q)} as centre,
                {render("paired_variance", "mean", "variance", "n", q)} as full_variance,
                {render("paired_degrees_of_freedom", "n", q)} as df
            from pairs
        ),
        measured as (select *, {render("paired_se", "full_variance", "n", q)} as se from centred)
        select {render("t_bound", "centre", "se", "df", "low")}, {render("t_bound", "centre", "se", "df", "high")},
            {render("t_p_value", "centre", "se", "df")}, {render("minimum_detectable_effect", "se", "df")}
        from measured order by comparison
    """
    comparison = np.repeat(np.arange(len(differences)), [len(each) for each in differences])
    return query(sql, cases={"comparison": comparison, "d": np.concatenate(differences)})


def _scipy(differences: np.ndarray) -> tuple[float, float, float]:
    test = stats.ttest_1samp(differences, 0)
    interval = test.confidence_interval(0.95)
    return interval.low, interval.high, test.pvalue


@pytest.mark.parametrize("pseudo_pairs", [0, 1])
def test_interval_and_p_are_scipy_s_t_on_the_differences(pseudo_pairs: int) -> None:
    differences = [
        RANDOM.choice([-1.0, -0.5, 0.0, 0.25, 1.0], size) if pseudo_pairs else RANDOM.normal(300, 4000, size)
        for size in RANDOM.integers(2, 80, COMPARISONS)
    ]
    differences = [each for each in differences if pseudo_pairs or each.std() > 0]
    found = np.array(_compare(differences, pseudo_pairs))[:, :3]
    pseudo = [1.0, -1.0] if pseudo_pairs else []
    expected = np.array([_scipy(np.append(each, pseudo)) for each in differences])
    np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-9)


def test_two_equal_columns_of_outcomes_leave_an_interval_of_some_width() -> None:
    # Ten differences of 0 plus +1 and -1: variance 2/11, standard error sqrt(2/11/12) = .12309, t(11) = 2.20099.
    [(low, high, p_value, _)] = _compare([np.zeros(10)], 1)
    assert (round(low, 4), round(high, 4), p_value) == (-0.2709, 0.2709, 1.0)


def test_identical_differences_of_another_metric_say_nothing_of_their_spread() -> None:
    assert _compare([np.full(12, 250.0)], 0) == [(None, None, None, None)]


def test_the_minimum_detectable_effect_has_eighty_percent_power() -> None:
    differences = RANDOM.normal(0, 1, 60)
    [(_, _, _, effect)] = _compare([differences], 0)
    power = TTestPower().power(effect / differences.std(ddof=1), nobs=60, alpha=0.05)
    assert power == pytest.approx(0.80, abs=0.005)


def test_tasks_needed_have_eighty_percent_power() -> None:
    # 7.849 · 0.25 / 0.03² = 2180.2: a spread of one half and three points to find.
    [needed] = column(render("tasks_needed", "variance", "effect"), {"variance": [0.25], "effect": [0.03]})
    assert needed == 2181
    assert TTestPower().power(0.03 / 0.5, nobs=2181, alpha=0.05) == pytest.approx(0.80, abs=0.001)


def test_no_number_of_tasks_finds_a_difference_of_nothing() -> None:
    assert column(render("tasks_needed", "variance", "effect"), {"variance": [0.25], "effect": [0.0]}) == [None]


def test_mcnemar_is_statsmodels_exact_test() -> None:
    only_a, only_b = RANDOM.integers(0, 60, 1500), RANDOM.integers(0, 60, 1500)
    found = column(render("mcnemar_exact", "a", "b"), {"a": only_a, "b": only_b})
    expected = [mcnemar([[0, a], [b, 0]], exact=True).pvalue for a, b in zip(only_a, only_b, strict=True)]
    np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-12)


def test_five_against_none_by_hand() -> None:
    # 2 · (1/2)^5 = .0625; no discordant pair, or a balanced one, is no evidence at all.
    cases = {"a": [5, 0, 3, None], "b": [0, 0, 3, 1]}
    assert column(render("mcnemar_exact", "a", "b"), cases) == [0.0625, 1.0, 1.0, None]


def _mean_and_variance(values: list[float], *, largest: float) -> tuple[float, float | None]:
    """Of values that come as they stand, from the sums of their units."""
    scale = render("units_in_one", largest)
    [found] = query(
        f"""
        select {render("units_mean", "total", "n", scale)}, {render("units_variance", "total", "squares", "n", scale)}
        from (
            select count(*) as n, sum(units) as total, sum({render("units_squared", "units")}) as squares
            from (select {render("as_units", "value", scale)} as units from cases)
        )
        """,
        cases={"value": values},
    )
    return found


@pytest.mark.parametrize(
    ("values", "largest", "mean", "variance"),
    [
        pytest.param([1.0, 0.0, 0.0, 1.0], 1.0, 0.5, 1 / 3, id="outcomes"),
        pytest.param([0.0, 0.0], 0.0, 0.0, 0.0, id="nothing"),
        pytest.param([-4.0], 9.0, -4.0, None, id="a single one"),
        pytest.param([5.1 - 0.1, 5.7 - 0.7, 5.3 - 0.3], 5.7, 5.0, 0.0, id="the same but for the last bit of a double"),
        # 1e6 and half a thousandth to either side: squares alone would keep none of it in a double.
        pytest.param([1e6 - 5e-4, 1e6 + 5e-4], 1.1e6, 1e6, 5e-7, id="nearly the same"),
        pytest.param([9e18, 7e18], 9e18, 8e18, 2e36, id="as large as a count may be"),
        pytest.param([2e-9, 4e-9, 6e-9], 6e-9, 4e-9, 4e-18, id="as small as an amount may be"),
    ],
)
def test_mean_and_variance_are_told_by_whole_numbers(
    values: list[float], largest: float, mean: float, variance: float | None
) -> None:
    assert _mean_and_variance(values, largest=largest) == pytest.approx((mean, variance), rel=1e-12, abs=0)


def test_the_order_of_values_changes_no_bit_of_their_mean_and_variance() -> None:
    values = RANDOM.lognormal(3, 4, 500).tolist()
    found = {_mean_and_variance(each, largest=max(values)) for each in (values, values[::-1], sorted(values))}
    assert len(found) == 1
    assert found.pop() == pytest.approx((np.mean(values), np.var(values, ddof=1)), rel=1e-11)
