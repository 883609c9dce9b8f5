"""A build takes the memory it may, puts the rest into the data root, and leaves nothing there."""

import os
import time
from pathlib import Path

import pytest

from dagster_project.errors import UsageError
from dagster_project.publishing.build import prepare_build
from dagster_project.publishing.database import open_database, reader_spill, writer_spill
from dagster_project.publishing.dbt import dbt_environment
from dagster_project.settings import Settings
from dagster_project.snapshots import EMPTY
from tests.publishing.small_project import knob

MIB = 1 << 20
SORTED = """
create table sorted as select repeat(md5(number::varchar), 2) as text from range(2_000_000) as t(number) order by 1
"""  # some 130 MB


def test_what_memory_does_not_hold_goes_into_the_data_root_and_is_gone_at_the_end(small: Settings) -> None:
    small.warehouse.mkdir(parents=True)
    with open_database(small, small.warehouse / "reliability.duckdb", memory_bytes=64 * MIB) as connection:
        connection.execute("set threads = 2")
        connection.execute(SORTED)
        assert writer_spill(small).is_dir()  # made when something is put there
    assert not writer_spill(small).exists()


def test_the_next_build_removes_what_a_killed_one_had_put_aside(small: Settings) -> None:
    killed, old, at_work = writer_spill(small), reader_spill(small), reader_spill(small)
    for folder in (killed, old, at_work):
        folder.mkdir(parents=True)
        (folder / "duckdb_temp_storage_DEFAULT-0.tmp").write_bytes(b"rows")
    days_ago = time.time() - 2 * 86_400
    os.utime(old, (days_ago, days_ago))
    prepare_build(small, EMPTY, declared=knob(1))
    assert [folder.exists() for folder in (killed, old, at_work)] == [False, False, True]


def test_dbt_is_told_what_it_may_take_and_where_the_rest_goes(tmp_path: Path) -> None:
    told = dbt_environment(Settings(home=tmp_path, memory_bytes=700 * MIB))
    assert told["RELIABILITY_DBT_MEMORY"] == "734003200B"
    assert told["RELIABILITY_DBT_SPILL"] == str(tmp_path / "warehouse" / "spill")


@pytest.mark.parametrize(
    ("cores", "pages", "gib"), [(1, 6 << 20, 1), (2, 6 << 20, 1), (8, 6 << 20, 4), (8, 1 << 20, 2)]
)
def test_a_build_takes_half_a_gib_of_each_core_one_at_least_and_half_of_the_machine_s_memory_at_most(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, cores: int, pages: int, gib: int
) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: set(range(cores)))
    monkeypatch.setattr(os, "sysconf", {"SC_PAGE_SIZE": 4096, "SC_PHYS_PAGES": pages}.__getitem__)
    assert Settings(home=tmp_path).memory_bytes == gib << 30


@pytest.mark.parametrize(("text", "size"), [("6GiB", 6 << 30), ("2 GB", 2_000_000_000), ("512MiB", 512 * MIB)])
def test_the_environment_says_what_a_build_may_take(monkeypatch: pytest.MonkeyPatch, text: str, size: int) -> None:
    monkeypatch.setenv("RELIABILITY_MEMORY", text)
    assert Settings.from_environment().memory_bytes == size


@pytest.mark.parametrize("text", ["lots", "6", "-1GiB", "100MB", "1.5GiB", "0GiB"])
def test_a_memory_that_is_no_size_or_too_small_is_refused_by_name(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setenv("RELIABILITY_MEMORY", text)
    with pytest.raises(UsageError, match="RELIABILITY_MEMORY"):
        Settings.from_environment()
