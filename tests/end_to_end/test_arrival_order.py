"""Whatever the order in which logs arrive, split, merged or renamed, the marts and the exported rows are the same."""

import gzip
import hashlib
import json
import random
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from pathlib import Path

import duckdb
import pytest

from tests.end_to_end.command_line import succeed

# What tells where things came from, when and in which build; all other marts must be equal.
ABOUT_LANDING = frozenset({"landing_ledger", "landed_records", "quarantine", "warehouse_build"})
WHENCE = frozenset({"batch_id", "source_file_sha256", "unit_number", "line_number", "byte_offset", "byte_length"})
ORDERS = (1, 2, 3)

Lines = list[bytes]


def lines_of(path: Path) -> Lines:
    """The file's lines but for planted conflicts: of those the first to arrive stands."""
    content = path.read_bytes()
    text = gzip.decompress(content) if path.suffix == ".gz" else content
    return [line for line in text.removesuffix(b"\n").split(b"\n") if b'"edited":true' not in line]


def write(path: Path, lines: Lines) -> Path:
    path.parent.mkdir(exist_ok=True)
    content = b"\n".join(lines) + b"\n"
    path.write_bytes(gzip.compress(content, mtime=0) if path.suffix == ".gz" else content)
    return path


def rearranged(folder: Path, files: Sequence[Lines], *, seed: int) -> list[Path]:
    """The first file split in three, the second and third merged, the others renamed, one of them sent twice.

    Order 1 keeps lines in their order, the others shuffle them within their new file.
    """
    draw = random.Random(seed)
    first, second, third, *others = files
    cuts = pairwise([0, len(first) // 3, 2 * len(first) // 3, len(first)])
    arranged = [*(first[start:end] for start, end in cuts), third + second, *others, others[0][::-1]]
    paths = []
    for number, lines in enumerate(arranged):
        suffix = draw.choice(("jsonl", "log", "jsonl.gz"))
        moved = draw.sample(lines, len(lines)) if seed > 1 else lines
        paths.append(write(folder / f"{draw.randrange(10**6)}-{number}.{suffix}", moved))
    return draw.sample(paths, len(paths))


def marts(home: Path) -> dict[str, list[str]]:
    """The rows of every published mart, without their whereabouts, in an order of their own."""
    with duckdb.connect(str(home / "published" / "current.duckdb"), read_only=True) as connection:
        named = connection.sql("select table_name from information_schema.tables where table_schema = 'marts'")
        names = {name for (name,) in named.fetchall()} - ABOUT_LANDING
        tables = {name: connection.table(f"marts.{name}").to_arrow_table() for name in sorted(names)}
    return {
        name: canonical(table.drop_columns([column for column in table.column_names if column in WHENCE]).to_pylist())
        for name, table in tables.items()
    }


def exported(home: Path) -> dict[str, str]:
    """SHA-256 of the rows of every dataset, flavour and split."""
    files = sorted([*(home / "exports").glob("*/*/*.parquet"), *(home / "exports").glob("*/*/*.jsonl")])
    return {
        path.relative_to(home / "exports").as_posix(): hashlib.sha256(path.read_bytes()).hexdigest() for path in files
    }


def assert_same(home: Path, whole: Path) -> None:
    expected, found = marts(whole), marts(home)
    assert found.keys() == expected.keys()
    assert [name for name in expected if found[name] != expected[name]] == []
    assert exported(home) == exported(whole)


def stated(home: Path) -> dict[str, dict]:
    """What the manifest of every dataset says of its rows, whatever landed in which order."""
    names = ("splits", "kinds", "tokens", "scrubbed", "passes", "runs", "models", "query_sha256", "settings_sha256")
    manifests = {path.parent.name: json.loads(path.read_bytes()) for path in (home / "exports").glob("*/manifest.json")}
    return {name: {key: manifest[key] for key in names} for name, manifest in manifests.items() if "splits" in manifest}


def canonical(found: list[dict]) -> list[str]:
    return sorted(json.dumps(row, sort_keys=True, default=str) for row in found)


@pytest.fixture(scope="module")
def fleet(tmp_path_factory: pytest.TempPathFactory) -> list[Lines]:
    folder = tmp_path_factory.mktemp("fleet")
    succeed(
        folder / "home", "simulate", "--out", folder / "fleet", "--seed", "3", "--agents", "5", "--days", "6",
        "--runs", "600", "--suite-tasks", "12", "--suite-attempts", "3",
    )  # fmt: skip
    return [lines_of(path) for path in sorted((folder / "fleet" / "logs").iterdir())]


@pytest.fixture(scope="module")
def whole(fleet: list[Lines], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data root to which the fleet's files came as they were written, all at once."""
    folder = tmp_path_factory.mktemp("whole")
    for number, lines in enumerate(fleet):
        write(folder / "logs" / f"{number}.jsonl", lines)
    succeed(folder / "home", "run", folder / "logs", "--payloads")
    return folder / "home"


@pytest.mark.slow
@pytest.mark.xdist_group("arrival_order")
@pytest.mark.parametrize("seed", ORDERS)
def test_another_order_of_arrival_gives_the_same_marts_and_exported_rows(
    fleet: list[Lines], whole: Path, tmp_path: Path, seed: int
) -> None:
    home = tmp_path / "home"
    *early, last = rearranged(tmp_path / "logs", fleet, seed=seed)
    for path in early:
        succeed(home, "land", path, "--payloads")
    succeed(home, "run", last, "--payloads")

    assert len(marts(whole)["agent_runs"]) > 600
    assert {name.partition("/")[0] for name in exported(whole)} >= {"sft", "preferences"}
    assert_same(home, whole)
    assert stated(home) == stated(whole) != {}


def append_slowly(path: Path, content: bytes) -> None:
    """Appends the content in pieces that end anywhere, within three seconds or so."""
    size = len(content) // 100 + 1
    with path.open("ab", buffering=0) as log:
        for start in range(0, len(content), size):
            log.write(content[start : start + size])
            time.sleep(0.03)


@pytest.mark.slow
@pytest.mark.xdist_group("arrival_order")
def test_a_log_that_grows_while_it_is_landed_gives_the_same_marts_and_exported_rows(
    fleet: list[Lines], whole: Path, tmp_path: Path
) -> None:
    home, log = tmp_path / "home", tmp_path / "logs" / "growing.jsonl"
    content = b"\n".join(line for lines in fleet for line in lines) + b"\n"
    log.parent.mkdir()
    cuts = [100_003, *(place * len(content) // 3 + 7 for place in (1, 2)), len(content)]
    log.write_bytes(content[: cuts[0]])
    with ThreadPoolExecutor(1) as pool:
        for start, end in pairwise(cuts):
            growing = pool.submit(append_slowly, log, content[start:end])
            succeed(home, "land", log, "--payloads")
            growing.result()
    assert log.read_bytes() == content
    succeed(home, "run", log, "--payloads")
    assert_same(home, whole)


@pytest.mark.slow
@pytest.mark.xdist_group("arrival_order")
def test_the_same_backfill_thrice_two_of_them_at_once_gives_the_same_marts_and_exported_rows(
    fleet: list[Lines], whole: Path, tmp_path: Path
) -> None:
    home = tmp_path / "home"
    for number, lines in enumerate(fleet):
        write(tmp_path / "logs" / f"{number}.jsonl", lines)
        write(tmp_path / "same" / f"{number}.jsonl.gz", lines)
    with ThreadPoolExecutor(2) as pool:
        at_once = [pool.submit(succeed, home, "run", tmp_path / folder, "--payloads") for folder in ("logs", "same")]
        for running in at_once:
            running.result()
    assert_same(home, whole)
    succeed(home, "run", tmp_path / "logs", "--payloads")
    assert_same(home, whole)
