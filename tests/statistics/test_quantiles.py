"""Quantiles are numpy's; their intervals are the textbook's order statistics, and NULL where n cannot carry them."""

import numpy as np
import pyarrow as pa
import pytest
from scipy import stats

from tests.statistics.rendering import query, render

RANDOM = np.random.default_rng(20260402)
CASES = 1000
QUANTILES = ("5e-1", "95e-2", "99e-2")


def _found(samples: list[np.ndarray], quantile: str) -> list[tuple]:
    """(quantile, low, high) of every sample by our macros; each sample has an unknown value too."""
    sizes = [len(sample) for sample in samples]
    table = pa.table(
        {
            "sample": np.concatenate([np.repeat(np.arange(len(samples)), sizes), np.arange(len(samples))]),
            "ms": [*np.concatenate(samples), *[None] * len(samples)],
        }
    )
    low, high = (render("quantile_bound", "known", "n", quantile, side) for side in ("low", "high"))
    lists = f"select sample, count(ms) as n, {render('sorted_values', 'ms')} as known from cases group by sample"
    return query(
        f"with lists as ({lists}) "
        f"select {render('quantile_of', 'known', 'n', quantile)}, {low}, {high} from lists order by sample",
        cases=table,
    )


@pytest.mark.parametrize("quantile", QUANTILES)
def test_quantiles_are_numpy_s_and_unknown_values_do_not_count(quantile: str) -> None:
    samples = [RANDOM.lognormal(7, 2, RANDOM.integers(0, 60)) for _ in range(CASES)]
    expected = [np.quantile(s, float(quantile)) if len(s) else np.nan for s in samples]
    found = np.array([value for value, _, _ in _found(samples, quantile)], dtype=float)
    np.testing.assert_allclose(found, expected, rtol=1e-9)


@pytest.mark.parametrize("quantile", QUANTILES)
def test_the_bounds_are_the_innermost_values_that_miss_no_side_more_than_once_in_forty(quantile: str) -> None:
    q = float(quantile)
    samples = [RANDOM.exponential(1, n) for n in RANDOM.integers(1, 500, CASES)]
    for sample, (_, low, high) in zip(samples, _found(samples, quantile), strict=True):
        n, ordered = len(sample), np.sort(sample)
        # The i-th smallest lies above the true quantile when fewer than i values lie below it.
        above = stats.binom.cdf(np.arange(n), n, q)
        lows, highs = np.flatnonzero(above <= 0.025), np.flatnonzero(1 - above <= 0.025)
        attainable = len(lows) > 0 and len(highs) > 0
        assert (low, high) == ((ordered[lows[-1]], ordered[highs[0]]) if attainable else (None, None))


@pytest.mark.parametrize(("quantile", "fewest"), [("5e-1", 6), ("95e-2", 72), ("99e-2", 368)])
def test_an_interval_needs_enough_values(quantile: str, fewest: int) -> None:
    too_few, enough = _found([np.arange(1.0, fewest), np.arange(1.0, fewest + 1)], quantile)
    assert too_few[1:] == (None, None)
    assert enough[1] < enough[0] < enough[2] == fewest


def test_eleven_values_have_the_interval_of_the_tables() -> None:
    """Conover, Practical Nonparametric Statistics: for the median of 11, the second smallest and second largest."""
    assert _found([np.array([3, 1, 4, 15, 9, 2, 6, 5, 35, 8, 97.0])], "5e-1") == [(6.0, 2.0, 35.0)]


def test_sorted_values_of_days_merge_into_those_of_all_of_them() -> None:
    days = pa.table({"day": [1, 1, 1, 2, 3, 3], "ms": [30, 10, None, None, 20, 10]})
    lists = f"select day, {render('sorted_values', 'ms')} as known from cases group by day"
    merged = f"with lists as ({lists}) select {render('merged_values', 'known')} from lists"
    assert [list(known) for (known,) in query(merged, cases=days)] == [[10, 10, 20, 30]]
    first = render("item_of", render("merged_values", "known"), 1)
    assert query(f"with lists as ({lists} having day = 2) select {first} from lists", cases=days) == [(None,)]
