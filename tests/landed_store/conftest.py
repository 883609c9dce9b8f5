"""An S3-compatible store on loopback, with one empty bucket a test; credentials in the environment alone."""

import itertools
import os
from collections.abc import Generator

import pytest
from pyarrow import fs

SECRET = "a-secret-that-must-appear-nowhere"
_numbers = itertools.count(1)


@pytest.fixture(scope="session")
def s3_endpoint() -> Generator[str]:
    """Address of a server of moto's."""
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture(scope="module")
def store(s3_endpoint: str) -> Generator[str]:
    """`s3://bucket/prefix` of an empty bucket, with the environment that reaches it."""
    bucket = f"logs-{os.getpid()}-{next(_numbers)}"
    address = s3_endpoint.removeprefix("http://")
    filesystem = fs.S3FileSystem(access_key="test", secret_key=SECRET, scheme="http", region="us-east-1",
                                 endpoint_override=address, allow_bucket_creation=True)  # fmt: skip
    filesystem.create_dir(bucket)
    with pytest.MonkeyPatch.context() as patch:
        for name in ("AWS_SESSION_TOKEN", "AWS_ENDPOINT_URL_S3", "AWS_REGION", "AWS_DEFAULT_REGION"):
            patch.delenv(name, raising=False)
        patch.setenv("AWS_ACCESS_KEY_ID", "test")
        patch.setenv("AWS_SECRET_ACCESS_KEY", SECRET)
        patch.setenv("AWS_ENDPOINT_URL", s3_endpoint)
        yield f"s3://{bucket}/warehouse"
