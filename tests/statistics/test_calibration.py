"""Bins of equal mass, ECE and the parts of the Brier score agree with scikit-learn; ties are never split."""

import numpy as np
import pytest
from sklearn.calibration import calibration_curve
from sklearn.metrics import brier_score_loss

from tests.statistics.rendering import query, render

AGENTS = 1000


def _binned() -> str:
    edges = [render("equal_mass_edge", "ps", "n", k) for k in range(10)]
    return f"""
        with stated as (select agent, {render("sorted_values", "p")} as ps, count(*) as n from cases group by agent),
        binned as (
            select cases.*, {render("equal_mass_bin", "p", edges)} as bin from cases inner join stated using (agent)
        )
    """


def _bins(confidences: list[float]) -> list[int]:
    """Of one agent's runs."""
    count = len(confidences)
    cases = {"agent": [1] * count, "p": confidences, "position": list(range(count))}
    return [bin for (bin,) in query(f"{_binned()} select bin from binned order by position", cases=cases)]


def _with_bins() -> str:
    return f"""
        {_binned()},
        known as (
            select *, avg(p) over (partition by agent, bin) as bin_p, avg(y) over (partition by agent, bin) as bin_y
            from binned
        ),
        bins as (
            select agent, bin, count(*) as n, any_value(bin_p) as bin_p, any_value(bin_y) as bin_y
            from known group by 1, 2
        )
    """


def _summary() -> str:
    return f"""
        {_with_bins()},
        runs as (
            select agent, avg(y) as mean_y, var_pop(y) as uncertainty, avg(power(p - y, 2)) as brier,
                {render("exact_avg", render("brier_within_bin", "p", "y", "bin_p", "bin_y"))} as within_bin
            from known group by 1
        )
        select
            any_value(runs.brier), any_value(runs.uncertainty), any_value(runs.within_bin),
            {render("expected_calibration_error", "n", "bin_p", "bin_y", "bin")},
            {render("brier_reliability", "n", "bin_p", "bin_y", "bin")},
            {render("brier_resolution", "n", "bin_y", "mean_y", "bin")}
        from bins inner join runs using (agent) group by agent order by agent
    """


def _cases() -> list[tuple[np.ndarray, np.ndarray]]:
    """Confidences and outcomes; half of the agents round theirs, so that many are equal."""
    random = np.random.default_rng(23)
    cases = []
    for agent in range(AGENTS):
        # One less than the size shares no factor with ten: no edge falls exactly on a value, where numpy's rounds.
        size = int(random.choice([2, 4, 8, 12, 20, 48, 64]))
        p = random.uniform(0, 1, size)
        cases.append((np.round(p, 1) if agent % 2 else p, (random.uniform(0, 1, size) < p**2).astype(float)))
    return cases


@pytest.fixture
def compared() -> list[tuple[tuple, np.ndarray, np.ndarray]]:
    cases = _cases()
    agent = np.repeat(np.arange(AGENTS), [len(p) for p, _ in cases])
    p, y = (np.concatenate(parts) for parts in zip(*cases, strict=True))
    table = {"agent": agent, "p": p, "y": y, "position": np.arange(len(p))}
    bins: dict[int, list[tuple]] = {}
    of_bins = f"{_with_bins()} select agent, bin_p, bin_y, n from bins order by agent, bin"
    for number, *means in query(of_bins, cases=table):
        bins.setdefault(number, []).append(tuple(means))
    rows = query(_summary(), cases=table)
    return [((*row, *zip(*bins[place], strict=True)), *case)
            for place, (row, case) in enumerate(zip(rows, cases, strict=True))]  # fmt: skip


def test_bins_are_scikit_learn_s_quantile_bins(compared: list) -> None:
    for (*_, bin_p, bin_y, _), p, y in compared:
        expected_y, expected_p = calibration_curve(y, p, n_bins=10, strategy="quantile")
        np.testing.assert_allclose(bin_p, expected_p, rtol=0, atol=1e-9)
        np.testing.assert_allclose(bin_y, expected_y, rtol=0, atol=1e-9)


def test_brier_is_scikit_learn_s_and_the_sum_of_its_four_parts(compared: list) -> None:
    for (brier, uncertainty, within_bin, _, reliability, resolution, *_), p, y in compared:
        assert brier == pytest.approx(brier_score_loss(y, p), abs=1e-9)
        assert reliability - resolution + uncertainty + within_bin == pytest.approx(brier, abs=1e-9)


def test_ece_weighs_each_bin_by_its_runs(compared: list) -> None:
    for (_, _, _, ece, *_, bin_p, bin_y, n), p, _ in compared:
        gaps = np.abs(np.array(bin_p) - np.array(bin_y))
        assert ece == pytest.approx(np.average(gaps, weights=n), abs=1e-9)
        assert sum(n) == len(p)


def test_ties_stay_together_and_edges_belong_to_the_bin_below() -> None:
    # Eleven values: each edge is itself a value. The first two bins hold 0, 1 and 2, 3 ... of the ranks.
    assert _bins([float(place) for place in range(11)]) == [1, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10]
    assert _bins([0.9, 0.9, 0.9, 0.9, 1.0, 0.5]) == [2, 2, 2, 2, 10, 1]


def test_a_single_run_is_one_bin() -> None:
    assert _bins([0.3]) == [1]
