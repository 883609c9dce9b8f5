"""The benchmark's table says what was measured: ratios pair by pair, targets on the right side, nothing left out."""

import sys

import msgspec
import pytest

from benchmarks.__main__ import MEASURES
from benchmarks.bench import Bench
from benchmarks.landing.rows import land_1m
from benchmarks.results import markdown, results, write_results
from benchmarks.row import against, alone


def _faster(**changed):
    given = {"ours": [50.0, 90.0, 60.0], "theirs": [100.0, 100.0, 100.0], "target": 0.6, "bound": "at least"}
    return against("row", what="ours", comparator="theirs", unit="events/s", **(given | changed))


def test_the_ratio_is_the_median_of_the_pairs():
    row = _faster()

    assert (row.ratio, row.ratio_min, row.ratio_max) == (0.6, 0.5, 0.9)
    assert (row.min, row.median, row.max, row.comparator_median) == (50, 60, 90, 100)


@pytest.mark.parametrize(
    ("bound", "target", "holds"),
    [("at least", 0.6, True), ("at least", 0.61, False), ("at most", 0.6, True), ("at most", 0.59, False)],
)
def test_a_target_is_reached_on_its_own_side(bound, target, holds):
    assert _faster(bound=bound, target=target).holds is holds


def test_a_figure_without_a_comparator_is_held_to_its_bound():
    row = alone("memory", what="peak", ours=[1.5, 2.5, 1.9], target=2, bound="at most", unit="GiB")

    assert (row.ratio, row.holds, row.comparator) == (1.9, True, None)


def test_rounds_of_unequal_number_are_no_pairs():
    with pytest.raises(ValueError, match="shorter"):
        _faster(theirs=[100.0])


def test_the_files_hold_every_row_with_the_machine_and_the_versions(tmp_path):
    found = results([_faster(), _faster(target=0.7)], scale=1, rounds=3)

    as_json, as_markdown, as_plot = write_results(found, tmp_path)

    document = msgspec.json.decode(as_json.read_bytes())
    assert [row["holds"] for row in document["rows"]] == [True, False]
    assert {"name", "ratio", "target", "holds", "unit", "min", "median", "max"} <= set(document["rows"][0])
    assert document["machine"]["cores"] >= 1
    assert document["versions"]["duckdb"]
    assert as_markdown.read_text(encoding="utf-8").count("**no**") == 1
    assert as_plot.read_bytes().startswith(b"\x89PNG")


def test_a_smaller_run_is_called_a_try_out():
    assert "only a try-out" in markdown(results([_faster()], scale=0.1, rounds=1))
    assert "only a try-out" not in markdown(results([_faster()], scale=1, rounds=1))


@pytest.mark.slow
def test_landing_is_measured_against_duckdb_on_the_same_lines(tmp_path):
    row = land_1m(Bench(work=tmp_path, rounds=1, scale=0.002))

    assert row.name in MEASURES
    assert row.ratio == pytest.approx(row.median / row.comparator_median)


@pytest.mark.parametrize("stream", ["stdout", "stderr"])
def test_a_command_that_fails_is_reported_with_all_it_said(tmp_path, stream):
    command = [sys.executable, "-c", f"import sys; print('FAILURE costs: 3 rows', file=sys.{stream}); sys.exit(1)"]

    with pytest.raises(RuntimeError, match="ended with 1:\nFAILURE costs: 3 rows"):
        Bench(work=tmp_path).command(command)


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="memory is read from /proc")
@pytest.mark.parametrize("is_watched", [False, True])
def test_memory_is_read_of_who_is_watched_alone(tmp_path, *, is_watched):
    finished = Bench(work=tmp_path).command(
        [sys.executable, "-c", "import time; time.sleep(0.5)"], is_watched=is_watched
    )

    assert (finished.peak_bytes > 0) == is_watched
