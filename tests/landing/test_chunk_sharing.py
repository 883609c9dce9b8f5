"""Large files are decoded in stretches, finer ones at the end of a commit: there all workers but one soon have none."""

from pathlib import Path

import pytest

from dagster_project.landing.decoding.chunk_sharing import chunks_of
from dagster_project.landing.plans import Plan
from dagster_project.landing.reading.sources import Source


@pytest.mark.parametrize(
    ("file_bytes", "is_last", "starts"),
    [
        (1000, False, [0, 100, 200, 300, 400, 500, 600, 700, 800, 900]),
        (1000, True, [0, 100, 200, 300, 400, 500, *range(600, 1000, 25)]),
        (160, True, [0, 25, 50, 75, 100, 125, 150]),
        (100, True, [0]),
        (0, True, [0]),
    ],
)
def test_stretches_follow_each_other_and_the_last_are_finer(
    file_bytes: int, *, is_last: bool, starts: list[int]
) -> None:
    plan = Plan(Source(Path("a.jsonl"), is_named=True), "new", "native", file_bytes, "", "", is_plain=True)
    chunks = chunks_of(plan, file=0, first=7, is_lines=True, only_units=None, size=100, is_last=is_last)
    assert [chunk.start for chunk in chunks] == starts
    assert [chunk.end for chunk in chunks] == [*starts[1:], None]
    assert [chunk.number for chunk in chunks] == list(range(7, 7 + len(starts)))
