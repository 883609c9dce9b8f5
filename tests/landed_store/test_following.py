"""Data roots that share a store hold the same landings; a lost, torn or foreign file is told, a secret never."""

import os
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from pyarrow import fs

from dagster_project import pipeline
from dagster_project.errors import ReliabilityError, UsageError
from dagster_project.landed_store import follow, share
from dagster_project.settings import Settings
from dagster_project.snapshots import commit, read_snapshot, writer_lock
from tests.landed_rows import land_rows
from tests.landed_store.conftest import SECRET

RUN = {"run_id": "r1", "agent_id": "a", "termination": "completed", "outcome": "success"}


@pytest.fixture
def roots(store: str, tmp_path: Path) -> Iterator[Settings]:
    """Empty data roots, one after the other, that share a prefix of their own."""
    address = f"{store}/{tmp_path.name}"
    return (Settings(home=tmp_path / str(number), workers=1, landed_store=address) for number in range(9))


def bucket(settings: Settings) -> tuple[fs.FileSystem, str]:
    assert settings.landed_store
    endpoint = os.environ["AWS_ENDPOINT_URL"].removeprefix("http://")
    files = fs.S3FileSystem(access_key="test", secret_key=SECRET, scheme="http", endpoint_override=endpoint)
    return files, settings.landed_store.removeprefix("s3://")


def live_bytes(settings: Settings) -> dict[str, bytes]:
    snapshot = read_snapshot(settings)
    return {file.path: (settings.home / file.path).read_bytes() for table in snapshot.tables.values() for file in table}


def test_what_one_data_root_landed_the_other_has_byte_for_byte(roots: Iterator[Settings]) -> None:
    first, second = next(roots), next(roots)
    land_rows(first, {"runs": [RUN]})
    assert share(first) == 2  # the runs, and their ledger
    assert follow(second) == 2
    assert read_snapshot(second) == read_snapshot(first)
    assert live_bytes(second) == live_bytes(first)


def test_each_file_crosses_once_and_each_side_may_go_on(roots: Iterator[Settings]) -> None:
    first, second = next(roots), next(roots)
    land_rows(first, {"runs": [RUN]})
    share(first)
    follow(second)
    land_rows(second, {"runs": [RUN | {"run_id": "r2"}]})
    assert (share(second), share(second)) == (2, 0)
    assert (follow(first), follow(first)) == (2, 0)
    assert live_bytes(first) == live_bytes(second)
    assert len(live_bytes(first)) == 4


def test_what_is_gone_is_gone_from_the_store_too(roots: Iterator[Settings]) -> None:
    first, second = next(roots), next(roots)
    snapshot = land_rows(first, {"runs": [RUN]})
    share(first)
    [dead] = [file.path for file in snapshot.files("runs")]
    with writer_lock(first):
        commit(first, snapshot, added={}, removed=frozenset({dead}))
    share(first)
    files, root = bucket(first)
    assert files.get_file_info(f"{root}/{dead}").type == fs.FileType.NotFound
    assert follow(second) == 1


def test_two_histories_are_not_mixed(roots: Iterator[Settings]) -> None:
    first, second = next(roots), next(roots)
    land_rows(first, {"runs": [RUN]})
    share(first)
    land_rows(second, {"runs": [RUN | {"run_id": "other"}]})
    before = live_bytes(second)
    for attempt in (follow, share):
        with pytest.raises(UsageError, match="different landings"):
            attempt(second)
    land_rows(first, {"runs": [RUN | {"run_id": "r2"}]})
    share(first)
    with pytest.raises(UsageError, match="different landings"):
        follow(second)
    assert live_bytes(second) == before


def test_a_torn_file_is_refused_and_nothing_is_live(roots: Iterator[Settings]) -> None:
    first, second = next(roots), next(roots)
    [file] = land_rows(first, {"runs": [RUN]}).files("runs")
    share(first)
    files, root = bucket(first)
    with files.open_output_stream(f"{root}/{file.path}") as stream:
        stream.write((first.home / file.path).read_bytes()[:-1])
    with pytest.raises(ReliabilityError, match="bytes"):
        follow(second)
    assert read_snapshot(second).number == 0
    share(first)  # the same snapshot is there: nothing to do
    files.delete_file(f"{root}/{file.path}")
    with pytest.raises(ReliabilityError, match="failed"):
        follow(second)


def test_a_file_of_other_bytes_and_the_same_length_is_refused_and_a_vanished_one_is_named(
    roots: Iterator[Settings], tmp_path: Path
) -> None:
    first, second = next(roots), next(roots)
    log = tmp_path / "log.jsonl"
    line = {"event_type": "run", "event_id": "e1", "organization_id": "acme", "run_id": "r1", "agent_id": "a",
            "occurred_at": "2026-03-01T06:01:56Z", "status": "success"}  # fmt: skip
    log.write_bytes(msgspec.json.encode(line))
    pipeline.land(first, [log])
    [file] = read_snapshot(first).files("runs")
    content = (first.home / file.path).read_bytes()
    files, root = bucket(first)
    with files.open_output_stream(f"{root}/{file.path}") as stream:
        stream.write(content[:-9] + bytes([content[-9] ^ 1]) + content[-8:])
    with pytest.raises(ReliabilityError, match=f"{file.path} is not what landed"):
        follow(second)
    files.delete_file(f"{root}/{file.path}")
    with pytest.raises(ReliabilityError, match=file.path):
        follow(second)
    assert read_snapshot(second).number == 0
    with files.open_output_stream(f"{root}/{file.path}") as stream:
        stream.write(content)
    follow(second)
    assert live_bytes(second) == live_bytes(first)


def test_a_snapshot_that_names_other_folders_is_refused(roots: Iterator[Settings]) -> None:
    root_settings = next(roots)
    files, root = bucket(root_settings)
    for path in ("../../etc/passwd", "/etc/passwd", "landed/../../x", "declarations/prices.yaml", ""):
        with files.open_output_stream(f"{root}/landed/snapshots/00000001.json") as stream:
            stream.write(b'{"number":1,"tables":{"runs":[{"path":"%s","rows":1,"bytes":1}]}}' % path.encode())
        with pytest.raises(ReliabilityError, match="outside its folders"):
            follow(root_settings)


def test_no_error_repeats_a_credential(roots: Iterator[Settings], monkeypatch: pytest.MonkeyPatch) -> None:
    settings = next(roots)
    land_rows(settings, {"runs": [RUN]})
    share(settings)
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")  # nothing listens there
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "127.0.0.1")  # as a library might print it
    with pytest.raises(ReliabilityError) as caught:
        follow(settings)
    assert SECRET not in str(caught.value)
    assert "127.0.0.1" not in str(caught.value)


def test_missing_credentials_are_named(roots: Iterator[Settings], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    with pytest.raises(UsageError, match="AWS_SECRET_ACCESS_KEY must be set"):
        follow(next(roots))


@pytest.mark.parametrize(
    "address", ["s3://key:secret@bucket/x", "https://bucket", "s3:///x", "s3://bucket/a b", "s3://b/.."]
)
def test_an_address_with_credentials_or_of_no_store_is_refused_unrepeated(
    monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    monkeypatch.setenv("RELIABILITY_LANDED_STORE", address)
    with pytest.raises(UsageError) as caught:
        Settings.from_environment()
    assert address not in str(caught.value)
