"""Guards: a dataset in an S3-compatible store has the bytes it has on disk, and is there whole or not at all."""

import json
import os
from collections.abc import Iterator
from pathlib import Path

import boto3
import pytest
from click.testing import CliRunner
from moto.server import ThreadedMotoServer

from dagster_project.cli import reliability
from dagster_project.errors import UsageError
from dagster_project.settings import Settings
from dagster_project.training import export_to_store
from dagster_project.training.writing import object_store
from dagster_project.training.writing.object_store import Store
from tests.documents import document_of

pytestmark = pytest.mark.xdist_group("training")


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    started = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    started.start()
    host, port = started.get_host_and_port()
    yield f"http://{host}:{port}"
    started.stop()


@pytest.fixture
def bucket(server: str, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest):
    """A bucket of its own, and the variables that lead there."""
    for name, value in {
        "AWS_ENDPOINT_URL": server,
        "AWS_ACCESS_KEY_ID": "tester",
        "AWS_SECRET_ACCESS_KEY": "tester",
        "AWS_REGION": "us-east-1",
        "AWS_EC2_METADATA_DISABLED": "true",
    }.items():
        monkeypatch.setenv(name, value)
    name = f"data-{abs(hash(request.node.name)) % 10**9}"
    return boto3.resource("s3", endpoint_url=server, region_name="us-east-1").create_bucket(Bucket=name)


def stored(bucket) -> dict[str, bytes]:
    """Content by key, without the empty objects that stand for folders."""
    return {item.key: item.get()["Body"].read() for item in bucket.objects.all() if not item.key.endswith("/")}


def on_disk(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder.parent).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()
    }


def test_the_store_gets_the_bytes_that_the_disk_gets(world: Settings, bucket) -> None:
    summary = export_to_store(world, "sft", url=f"s3://{bucket.name}/sets/v1")
    assert stored(bucket) == {f"sets/v1/{name}": content for name, content in on_disk(world.exports / "sft").items()}
    assert (summary.folder, summary.is_changed) == (f"s3://{bucket.name}/sets/v1/sft", True)
    assert not export_to_store(world, "sft", url=f"s3://{bucket.name}/sets/v1").is_changed
    assert [path for path in world.home.iterdir() if path.name.startswith(".export-")] == []


def test_the_manifest_is_written_last_and_what_is_not_listed_is_removed(world: Settings, bucket) -> None:
    bucket.put_object(Key="sft/openai/train-00009-of-00010.jsonl", Body=b"older\n")
    bucket.put_object(Key="sft/manifest.json", Body=b"{}")
    bucket.put_object(Key="sft-other/manifest.json", Body=b"{}")
    Store(f"s3://{bucket.name}").put_dataset(world.exports / "sft")
    assert set(stored(bucket)) == {*on_disk(world.exports / "sft"), "sft-other/manifest.json"}
    assert not any(item.key.startswith("sft/") and item.key.endswith("/") for item in bucket.objects.all())
    times = {item.key: item.last_modified for item in bucket.objects.filter(Prefix="sft/")}
    assert times["sft/manifest.json"] == max(times.values())


def test_what_was_damaged_in_the_store_is_written_again(world: Settings, bucket) -> None:
    store = Store(f"s3://{bucket.name}")
    assert store.put_dataset(world.exports / "prompts")
    for content in (b"# Other", stored(bucket)["prompts/README.md"] + b"\n"):
        bucket.put_object(Key="prompts/README.md", Body=content)
        assert store.put_dataset(world.exports / "prompts")
        assert stored(bucket) == on_disk(world.exports / "prompts")
    assert not store.put_dataset(world.exports / "prompts")


def test_a_store_that_fails_half_way_holds_the_old_dataset_or_none(
    world: Settings, bucket, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = Store(f"s3://{bucket.name}/sets")
    other = b"another manifest"
    bucket.put_object(Key="sets/sft/manifest.json", Body=other)

    def fail(*_: object) -> None:
        raise OSError("the connection was reset")

    with monkeypatch.context() as while_sending:
        while_sending.setattr(Store, "_put", fail)
        with pytest.raises(UsageError, match="the connection was reset"):
            store.put_dataset(world.exports / "sft")
    assert stored(bucket) == {"sets/sft/manifest.json": other}

    copied: list[str] = []

    def fail_at_third(self: Store, source: str, place: str) -> None:
        copied.append(place)
        if len(copied) == 3:
            fail()

    with monkeypatch.context() as while_replacing:
        while_replacing.setattr(Store, "_copy", fail_at_third)
        with pytest.raises(UsageError, match="the connection was reset"):
            store.put_dataset(world.exports / "sft")
    assert "sets/sft/manifest.json" not in stored(bucket)

    # The next export carries on from there, and leaves nothing beside.
    store.put_dataset(world.exports / "sft")
    assert stored(bucket) == {f"sets/{name}": content for name, content in on_disk(world.exports / "sft").items()}


def test_a_reader_gets_the_old_dataset_or_the_new(
    world: Settings, bucket, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While it reads, an exporter puts another dataset in place: it reads again, and no file is of the older one."""
    store = Store(f"s3://{bucket.name}/sets")
    bucket.put_object(Key="sets/sft/manifest.json", Body=b"older")
    bucket.put_object(Key="sets/sft/canonical/older.parquet", Body=b"older")
    read = Store._read

    def read_slowly(self: Store, path: object) -> bytes:
        content = read(self, path)
        if str(path).endswith("older.parquet"):
            monkeypatch.undo()
            for name, value in aws.items():
                monkeypatch.setenv(name, value)
            monkeypatch.setattr(object_store, "_READ_AGAIN_SECONDS", 0.01)
            Store(f"s3://{bucket.name}/sets").put_dataset(world.exports / "sft")
        return content

    aws = {name: value for name, value in os.environ.items() if name.startswith("AWS_")}
    monkeypatch.setattr(Store, "_read", read_slowly)
    store.fetch_datasets(tmp_path / "read")
    assert on_disk(tmp_path / "read" / "sft") == on_disk(world.exports / "sft")


def test_what_lies_in_a_store_can_be_verified(world: Settings, bucket) -> None:
    Store(f"s3://{bucket.name}/sets").put_dataset(world.exports / "prompts")
    result = CliRunner().invoke(reliability, ["verify-export", f"s3://{bucket.name}/sets", "--json"])
    assert document_of(result.stdout, "verify-export") == {
        "schema": "reliability.verify-export/1",
        "is_whole": True,
        "datasets": [{"folder": f"s3://{bucket.name}/sets/prompts", "faults": []}],
    }
    bucket.put_object(Key="sets/prompts/README.md", Body=b"# Other data")
    result = CliRunner().invoke(reliability, ["verify-export", f"s3://{bucket.name}/sets/prompts", "--json"])
    assert result.exit_code == 1
    assert {fault["code"] for fault in json.loads(result.stdout)["datasets"][0]["faults"]} >= {"hash_differs"}


def test_a_place_without_a_dataset_is_named_as_it_was_given(bucket) -> None:
    result = CliRunner().invoke(reliability, ["verify-export", f"s3://{bucket.name}/nothing"])
    assert str(result.exception).startswith(f"s3://{bucket.name}/nothing holds no exported dataset.")


@pytest.mark.parametrize("url", ["s3://", "s3:///prefix", "s3://bucket?x=1"])
def test_what_names_no_bucket_is_a_mistake_of_usage(url: str) -> None:
    with pytest.raises(UsageError, match="is no place in a store"):
        Store(url)


def test_a_bucket_that_is_not_there_is_a_mistake_of_usage(world: Settings, bucket) -> None:
    with pytest.raises(UsageError, match="cannot be written"):
        Store("s3://no-such-bucket-anywhere/sets").put_dataset(world.exports / "sft")
