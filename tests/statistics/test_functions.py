"""The SQL functions that scipy backs: scipy's values, NULL for NULL and for what is outside the domain."""

import math
import subprocess
import sys

import numpy as np
import pyarrow as pa
import pytest
from scipy import stats

from dagster_project.statistics.functions import FUNCTIONS, register
from tests.statistics.rendering import column, query

CASES = 2000


def random() -> np.random.Generator:
    return np.random.default_rng(20260301)


def agree(found: list[float], expected: np.ndarray) -> None:
    np.testing.assert_allclose(np.array(found, dtype=float), expected, rtol=1e-9, atol=1e-12)


def test_t_quantile_is_scipy_s() -> None:
    p, df = random().uniform(0.001, 0.999, CASES), random().uniform(0.5, 800, CASES)
    agree(column("t_quantile(p, df)", {"p": p, "df": df}), stats.t.ppf(p, df))


def test_t_two_sided_p_is_scipy_s_in_the_far_tail_too() -> None:
    t, df = random().normal(0, 12, CASES), random().integers(1, 600, CASES).astype(float)
    agree(column("t_two_sided_p(t, df)", {"t": t, "df": df}), 2 * stats.t.sf(np.abs(t), df))
    [tiny] = column("t_two_sided_p(t, df)", {"t": [14.0], "df": [500.0]})
    assert math.isclose(tiny, 2 * stats.t.sf(14.0, 500.0), rel_tol=1e-9)


def test_beta_quantile_is_scipy_s() -> None:
    p = random().uniform(0.001, 0.999, CASES)
    a, b = random().uniform(0.3, 400, CASES), random().uniform(0.3, 400, CASES)
    agree(column("beta_quantile(p, a, b)", {"p": p, "a": a, "b": b}), stats.beta.ppf(p, a, b))


def test_binomial_cdf_is_scipy_s() -> None:
    n = random().integers(0, 900, CASES)
    k, p = random().integers(-1, 950, CASES), random().uniform(0, 1, CASES)
    agree(column("binomial_cdf(k, n, p)", {"k": k, "n": n, "p": p}), stats.binom.cdf(k, n, p))


def test_binomial_quantile_is_scipy_s_at_every_size() -> None:
    n = np.concatenate([random().integers(0, 60, CASES), random().integers(0, 10**7, CASES)])
    p, q = random().uniform(0.001, 0.999, n.size), random().choice([0.05, 0.5, 0.95, 0.99], n.size)
    agree(column("binomial_quantile(p, n, q)", {"p": p, "n": n, "q": q}), stats.binom.ppf(p, n, q))


def test_the_textbook_value_of_t_comes_out() -> None:
    [found] = column("t_quantile(0.975, df)", {"df": [10.0]})
    assert round(found, 3) == 2.228


@pytest.mark.parametrize("function", FUNCTIONS, ids=lambda function: function.name)
def test_null_in_is_null_out_in_every_argument(function) -> None:
    for missing in range(function.arity):
        arguments = ["null" if place == missing else "0.5" for place in range(function.arity)]
        assert query(f"select {function.name}({', '.join(arguments)})") == [(None,)]


@pytest.mark.parametrize(
    "call",
    [
        "t_quantile(0.975, 0)",
        "t_quantile(1.5, 10)",
        "t_two_sided_p(1, -1)",
        "beta_quantile(0.5, 0, 1)",
        "binomial_cdf(1, 2, 1.5)",
        "binomial_cdf(0, -1, 0.5)",
        "binomial_quantile(0, 5, 0.5)",
        "binomial_quantile(0.5, -1, 0.5)",
        "t_quantile('nan'::double, 3)",
    ],
)
def test_outside_its_domain_a_function_is_null(call: str) -> None:
    assert query(f"select {call}") == [(None,)]


def test_registering_twice_is_harmless() -> None:
    import duckdb

    with duckdb.connect() as connection:
        register(connection)
        register(connection)
        assert connection.execute("select binomial_cdf(0, 1, 0.5)").fetchall() == [(0.5,)]


def test_opening_a_connection_does_not_import_scipy() -> None:
    code = (
        "import sys, duckdb; from dagster_project.statistics.functions import register;"
        "register(duckdb.connect()); assert not [name for name in sys.modules if name.startswith('scipy')]"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_a_column_with_nulls_from_another_engine_gives_null_for_null() -> None:
    [t_quantile] = [function for function in FUNCTIONS if function.name == "t_quantile"]
    found = t_quantile.of_arrow()(pa.array([0.975, None, 0.975]), pa.array([10.0, 10.0, None])).to_pylist()
    assert found[1:] == [None, None]
    assert math.isclose(found[0], 2.2281388519649385, rel_tol=1e-9)
