"""Guards: what the manifest counts, however few rows are counted at once."""

from pathlib import Path

import duckdb
import pytest

from dagster_project.training import counts
from dagster_project.training.datasets import SFT
from dagster_project.training.workbench import Workbench
from dagster_project.training.writing.manifest import Yield


@pytest.mark.parametrize("at_once", [1, 2, 1_000])
def test_a_task_of_many_rows_counts_once_for_each_kind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, at_once: int
) -> None:
    monkeypatch.setattr(counts, "JOINED_AT_ONCE", at_once)
    connection = duckdb.connect()
    connection.execute("""
        create table examples as
        from (values ('output', 'a'), ('output', 'a'), ('output', 'b'), ('conversation', 'a'), ('conversation', 'c'))
            as t (example_kind, task_hash);
        create table kept_examples as from examples where task_hash <> 'c';
    """)
    yields = counts.yields_by_kind(SFT, Workbench(connection, tmp_path / "texts.bin"))
    assert yields == {
        **{kind: Yield(selected=0, kept=0, tasks=0) for kind in SFT.kinds},
        "output": Yield(selected=3, kept=3, tasks=2),
        "conversation": Yield(selected=2, kept=1, tasks=1),
    }
