"""Whatever arrives when, building by affected date gives the marts that deriving all of history again gives."""

import random
from itertools import groupby, pairwise
from pathlib import Path

import pytest

from dagster_project.settings import Settings
from tests.incremental.events import DECLARED, Pool, draw_pool
from tests.incremental.models import Model, failed_tests, mart_rows, run_models
from tests.landed_rows import land_rows

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("incremental")]

ORDERS = range(6)
BUILDS = 4


def arrivals(pool: Pool, *, seed: int) -> list[Pool]:
    """The pool in some order, in as many parts as there are builds; the first is the largest, as a backlog is."""
    shuffled = random.Random(seed).sample(pool, len(pool))
    cuts = [0, *(len(pool) * (BUILDS + part) // (2 * BUILDS) for part in range(BUILDS)), len(pool)]
    return [shuffled[start:end] for start, end in pairwise(cuts)]


def land(settings: Settings, part: Pool) -> None:
    tables = groupby(sorted(part, key=lambda pair: pair[0]), key=lambda pair: pair[0])
    land_rows(settings, {table: [row for _, row in rows] for table, rows in tables})


@pytest.mark.parametrize("seed", ORDERS)
def test_marts_do_not_depend_on_the_order_of_arrival(
    compiled: tuple[list[Model], list[str]], tmp_path: Path, seed: int
) -> None:
    models, tests = compiled
    settings = Settings(home=tmp_path, workers=1)
    for number, part in enumerate(arrivals(draw_pool(seed), seed=seed)):
        land(settings, part)
        if seed % 3 == 0 and number:
            run_models(settings, models, declared=DECLARED, stop_after=random.Random(seed).randrange(len(models)))
        assert run_models(settings, models, declared=DECLARED) == (number > 0)
        assert failed_tests(settings, tests) == []
    found = mart_rows(settings)
    run_models(settings, models, declared=DECLARED, full_refresh=True)
    expected = mart_rows(settings)
    assert len(expected["agent_runs"]) > 20
    assert expected["sft_examples"]
    assert expected["protected_prompts"]
    assert [name for name in expected if found[name] != expected[name]] == []
