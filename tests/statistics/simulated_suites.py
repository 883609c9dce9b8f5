"""How often the interval of a success rate holds the planted rate, by how large and how repeated the suite is."""

from dataclasses import dataclass
from itertools import combinations

import numpy as np
import pyarrow as pa

from tests.statistics.rendering import query, render

TASKS = (1, 2, 3, 5, 8, 10, 15, 20, 30, 50, 100)
ATTEMPTS = ("1", "2", "4", "8", "20", "1 to 5")
RATES = ((0.02, 0.05), (0.05, 0.2), (0.2, 0.4), (0.4, 0.6), (0.6, 0.8), (0.8, 0.95), (0.95, 0.98))
ALIKE = (0.0, 0.1, 0.3, 0.5, 0.8)
"""Intra-class correlation: how much the attempts at one task resemble each other."""

STRATA = ("tasks", "attempts", "rate", "alike")

INTERVALS_SQL = f"""
    with totals as (select suite, sum(c) / sum(n) as rate, sum(n) as total from cases group by suite),
    per_suite as (
        select suite, any_value(rate) as rate, any_value(total) as n, count(*) as task_count,
            sum(n * n) as size_squares, {render("rare_count", "c", "n")} as rare_count,
            {render("clustered_se", "sum(power(c - n * rate, 2))", "count(*)", "any_value(total)")} as clustered,
            {render("naive_se", "sum(c * power(1 - rate, 2) + (n - c) * power(rate, 2))", "any_value(total)")} as naive
        from cases inner join totals using (suite) group by suite
    ),
    effects as (
        select *, {render("design_effect", "clustered", "naive", "task_count", "n")} as effect from per_suite
    ),
    counts as (
        select
            *, {render("effective_n", "n", "effect", "task_count", "size_squares", "rare_count")} as effective
        from effects
    )
    select suite, n, effective, {render("wilson_bound", "rate * effective", "effective", "low")} as low,
        {render("wilson_bound", "rate * effective", "effective", "high")} as high
    from counts order by suite
"""
"""Intervals of suites, from rows (suite, n, c): one task each, n attempts of which c succeeded."""


@dataclass(frozen=True, kw_only=True)
class Suites:
    """What was drawn: a table for INTERVALS_SQL, and for each suite its planted rate and its strata."""

    cases: pa.Table
    truth: np.ndarray
    strata: dict[str, np.ndarray]


def draw(seeds: int, per_seed: int) -> Suites:
    """Suites of every kind at random. A task's chance is Beta distributed around the suite's rate."""
    suites, sizes, successes = [], [], []
    truth, places = [], []
    for seed in range(seeds):
        random = np.random.default_rng([20, seed])
        for _ in range(per_seed):
            place = [random.integers(len(kinds)) for kinds in (TASKS, ATTEMPTS, RATES, ALIKE)]
            tasks, attempts, (low, high), alike = (
                kinds[at] for kinds, at in zip((TASKS, ATTEMPTS, RATES, ALIKE), place, strict=True)
            )
            rate = random.uniform(low, high)
            n = random.integers(1, 6, tasks) if attempts == "1 to 5" else np.full(tasks, int(attempts))
            mass = (1 - alike) / alike if alike else None
            chance = random.beta(rate * mass, (1 - rate) * mass, tasks) if mass else np.full(tasks, rate)
            suites.append(np.full(tasks, len(truth)))
            sizes.append(n)
            successes.append(random.binomial(n, chance).astype(float))
            truth.append(rate)
            places.append(place)
    columns = {"suite": suites, "n": sizes, "c": successes}
    return Suites(
        cases=pa.table({name: np.concatenate(parts) for name, parts in columns.items()}),
        truth=np.array(truth),
        strata=dict(zip(STRATA, np.array(places).T, strict=True)),
    )


def covered(suites: Suites) -> np.ndarray:
    """Whether each suite's interval holds its rate."""
    found = np.array(query(INTERVALS_SQL, cases=suites.cases))
    return (found[:, 3] <= suites.truth) & (suites.truth <= found[:, 4])


def shares(suites: Suites, holds: np.ndarray) -> dict[tuple, tuple[float, int]]:
    """Share covered and count of every stratum, and of every pair of strata; by their names and places."""
    found = {}
    for names in (*((name,) for name in STRATA), *combinations(STRATA, 2)):
        places = np.stack([suites.strata[name] for name in names], axis=1)
        for place in np.unique(places, axis=0):
            inside = (places == place).all(axis=1)
            found[names, tuple(int(at) for at in place)] = (float(holds[inside].mean()), int(inside.sum()))
    return found


def main() -> None:
    """Print the share covered in all and in every single stratum."""
    suites = draw(200, 300)
    holds = covered(suites)
    print(f"all: {100 * holds.mean():.2f} % of {holds.size:,}")
    kinds = dict(zip(STRATA, (TASKS, ATTEMPTS, RATES, ALIKE), strict=True))
    found = shares(suites, holds)
    for name in STRATA:
        row = (f"{kinds[name][at]}: {100 * found[(name,), (at,)][0]:.1f}" for at in range(len(kinds[name])))
        print(f"{name:9}", "  ".join(row))
    least = sorted((share, count, *key) for key, (share, count) in found.items() if len(key[0]) == 2)[:8]
    for share, count, names, place in least:
        print(f"{100 * share:.2f} % of {count}", {name: kinds[name][at] for name, at in zip(names, place, strict=True)})


if __name__ == "__main__":
    main()
