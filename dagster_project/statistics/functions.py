"""Vectorised scipy functions, registered as SQL functions: quantiles of t, Beta and the binomial, tails of t,
chi-square and the binomial.

Each takes and returns DOUBLE. NULL in, NULL out; an argument outside the function's domain (no degrees of
freedom, a probability beyond [0, 1]) gives NULL too, because a NaN would spread through every later sum.
"""

import functools
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from duckdb import DuckDBPyConnection
from duckdb.func import ARROW, SPECIAL

from dagster_project.statistics import sorted_lists, variant_strengths

Reals = npt.NDArray[np.float64]


def t_quantile(probability: Reals, degrees_of_freedom: Reals) -> Reals:
    """Quantile of Student's t (scipy.stats.t.ppf)."""
    from scipy import special

    inside = (degrees_of_freedom > 0) & (probability >= 0) & (probability <= 1)
    return np.where(inside, special.stdtrit(degrees_of_freedom, probability), np.nan)


def t_two_sided_p(statistic: Reals, degrees_of_freedom: Reals) -> Reals:
    """Probability that |T| is at least |statistic| (2 · scipy.stats.t.sf)."""
    from scipy import special

    tails = 2 * special.stdtr(degrees_of_freedom, -np.abs(statistic))
    return np.where(degrees_of_freedom > 0, tails, np.nan)


def beta_quantile(probability: Reals, alpha: Reals, beta: Reals) -> Reals:
    """Quantile of the Beta distribution (scipy.stats.beta.ppf)."""
    from scipy import special

    inside = (alpha > 0) & (beta > 0) & (probability >= 0) & (probability <= 1)
    return np.where(inside, special.betaincinv(alpha, beta, probability), np.nan)


def binomial_cdf(successes: Reals, trials: Reals, probability: Reals) -> Reals:
    """Probability of at most `successes` in `trials` (scipy.stats.binom.cdf)."""
    from scipy import special

    inside = (trials >= 0) & (probability >= 0) & (probability <= 1)
    below = special.betainc(np.maximum(trials - successes, 1), np.maximum(successes, 0) + 1, 1 - probability)
    known = np.select([successes < 0, successes >= trials], [0.0, 1.0], default=below)
    return np.where(inside & ~np.isnan(successes), known, np.nan)


def binomial_quantile(probability: Reals, trials: Reals, chance: Reals) -> Reals:
    """The smallest count that successes exceed with at most 1 - `probability` (scipy.stats.binom.ppf)."""
    from scipy import special

    inside = (trials >= 0) & (chance >= 0) & (chance <= 1) & (probability > 0) & (probability <= 1)
    # Inverted as a real number, then settled on a whole one by the exact tail, as scipy does.
    found = np.clip(np.ceil(special.bdtrik(probability, trials, chance)), 0, trials)
    fewer = np.maximum(found - 1, 0)
    settled = np.where(binomial_cdf(fewer, trials, chance) >= probability, fewer, found)
    return np.where(inside, np.where(trials == 0, 0, settled), np.nan)


def chi_square_tail(statistic: Reals, degrees_of_freedom: Reals) -> Reals:
    """Probability of at least `statistic` (scipy.stats.chi2.sf)."""
    from scipy import special

    inside = (degrees_of_freedom > 0) & (statistic >= 0)
    return np.where(inside, special.chdtrc(degrees_of_freedom, statistic), np.nan)


@dataclass(frozen=True, kw_only=True)
class NumericFunction:
    """A SQL function of `arity` DOUBLE arguments that returns DOUBLE, the same on every engine."""

    name: str
    arity: int
    compute: Callable[..., Reals]

    def of_arrow(self) -> Callable[..., pa.Array]:
        """The function on Arrow columns of equal length; NULL where an argument is NULL or out of domain."""

        # `wraps` keeps the signature: DuckDB counts parameters.
        @functools.wraps(self.compute)
        def compute_arrow(*arguments: pa.ChunkedArray | pa.Array) -> pa.Array:
            # Spark hands over what was written: 0.975 is a decimal there, NULL of no type.
            columns = [argument.cast(pa.float64()).to_numpy(zero_copy_only=False) for argument in arguments]
            with np.errstate(all="ignore"):
                values = self.compute(*columns)
            known = ~np.isnan(values)
            for column in columns:
                known &= ~np.isnan(column)
            return pa.array(values, mask=~known)

        return compute_arrow


FUNCTIONS = (
    NumericFunction(name="t_quantile", arity=2, compute=t_quantile),
    NumericFunction(name="t_two_sided_p", arity=2, compute=t_two_sided_p),
    NumericFunction(name="beta_quantile", arity=3, compute=beta_quantile),
    NumericFunction(name="binomial_cdf", arity=3, compute=binomial_cdf),
    NumericFunction(name="binomial_quantile", arity=3, compute=binomial_quantile),
    NumericFunction(name="chi_square_tail", arity=2, compute=chi_square_tail),
)

VARIANT_STRENGTHS = "variant_strengths"
"""Bradley and Terry's model of a whole suite: a list of texts in, a list of DOUBLE out."""


def register(connection: DuckDBPyConnection) -> None:
    """Make the functions callable from SQL on this connection; doing so twice is harmless.

    scipy is imported by the first call of a function, so that a connection that needs none opens fast.
    """
    known = {row[0] for row in connection.execute("select function_name from duckdb_functions()").fetchall()}
    for function in FUNCTIONS:
        if function.name not in known:
            # Arrow columns carry NULL as a mask; SPECIAL hands it to us instead of guessing per vector.
            connection.create_function(
                function.name,
                function.of_arrow(),
                ["DOUBLE"] * function.arity,
                "DOUBLE",
                type=ARROW,
                null_handling=SPECIAL,
            )
    if VARIANT_STRENGTHS not in known:
        connection.create_function(VARIANT_STRENGTHS, variant_strengths.of_arrow, ["VARCHAR[]"], "DOUBLE[]", type=ARROW)
    if sorted_lists.SORTED_REALS not in known:
        connection.create_function(
            sorted_lists.SORTED_REALS, sorted_lists.of_arrow, ["DOUBLE[]"], "DOUBLE[]", type=ARROW
        )
