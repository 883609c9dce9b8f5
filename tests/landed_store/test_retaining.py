"""What retention removes from one data root leaves the store, and every data root that follows it."""

from dataclasses import replace
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from pyarrow import fs

from dagster_project import pipeline
from dagster_project.errors import ReliabilityError
from dagster_project.landing.retention.retaining import retain
from dagster_project.settings import Settings
from tests.landed_store.conftest import SECRET
from tests.landing.test_retaining import TODAY, consent, deletion, events, log, on_disk, runs_of


def stored_texts(address: str, endpoint: str) -> set[str]:
    """The texts in the store, read without the code under test."""
    client = fs.S3FileSystem(access_key="test", secret_key=SECRET, scheme="http", region="us-east-1",
                             endpoint_override=endpoint.removeprefix("http://"))  # fmt: skip
    found = client.get_file_info(fs.FileSelector(address.removeprefix("s3://") + "/payloads", recursive=True))
    files = [pq.read_table(info.path, filesystem=client) for info in found if info.is_file]
    return {text for file in files for text in file["text"].to_pylist()}


@pytest.mark.xdist_group("landed_store")
def test_a_deleted_run_leaves_the_store_and_its_followers(tmp_path: Path, store: str, s3_endpoint: str) -> None:
    writer = Settings(home=tmp_path / "writer", workers=1, landed_store=store)
    follower = replace(writer, home=tmp_path / "follower")
    path = log(tmp_path / "log.jsonl", events(1, day=1), events(2, day=10))
    pipeline.land(writer, [path], keep_payloads=True)
    pipeline.prepare(follower)
    assert {"words of acme-1", "words of acme-2"} <= stored_texts(store, s3_endpoint)
    assert on_disk(follower, "words of acme-1")
    pipeline.land(writer, [log(tmp_path / "deletion.jsonl", [deletion("acme-1")])])
    pipeline.retain(writer)
    assert {text for text in stored_texts(store, s3_endpoint) if text.startswith("words")} == {
        "words of acme-2", "words of all",
    }  # fmt: skip
    done = pipeline.retain(follower)
    assert (done.removed, done.files_swept > 0) == ({}, True)
    assert not on_disk(follower, "words of acme-1")
    assert runs_of(follower) == runs_of(writer) == {"acme-2": 5}


@pytest.mark.xdist_group("landed_store")
def test_expired_records_are_archived_in_a_store_before_they_go(
    tmp_path: Path, store: str, s3_endpoint: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = Settings(home=tmp_path / "home", workers=1, archive=f"{store}/archive")
    pipeline.land(settings, [log(tmp_path / "log.jsonl", events(1, day=1), events(2, day=10))])
    nine_days = consent((None, None, 36500, 9))
    with monkeypatch.context() as patch, pytest.raises(ReliabilityError, match="Nothing was removed") as failed:
        patch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
        retain(settings, consent=nine_days, today=TODAY)
    assert SECRET not in str(failed.value)
    assert runs_of(settings)["acme-1"] == 5
    assert retain(settings, consent=nine_days, today=TODAY).rows_archived == 5 + 5 + 1
    client = fs.S3FileSystem(access_key="test", secret_key=SECRET, scheme="http", region="us-east-1",
                             endpoint_override=s3_endpoint.removeprefix("http://"))  # fmt: skip
    folder = f"{store.removeprefix('s3://')}/archive/landed/runs"
    found = client.get_file_info(fs.FileSelector(folder, recursive=True))
    rows = [pq.read_table(info.path, filesystem=client) for info in found if info.is_file]
    assert [run_id for table in rows for run_id in table["run_id"].to_pylist()] == ["acme-1"]
    assert runs_of(settings) == {"acme-2": 5}
