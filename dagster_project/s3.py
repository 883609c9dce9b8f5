"""The one connection to S3-compatible stores: of landed data and of datasets.

Credentials, region and endpoint come from the usual AWS_* variables; no error shows a credential. Belongs here: the
client. Does not: what is kept where.
"""

import os
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from pyarrow import fs

CREDENTIALS = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")
_SESSION_TOKEN = "AWS_SESSION_TOKEN"
_CONNECT_SECONDS, _REQUEST_SECONDS = 10.0, 60.0
_ATTEMPTS = 3


def missing_credentials() -> list[str]:
    """Variables that are not set; without them the client looks for a profile or a machine's own role."""
    return [name for name in CREDENTIALS if not os.environ.get(name)]


def connect() -> "fs.S3FileSystem":
    """A client of the store that the environment names; nothing is sent before it is used."""
    from pyarrow import fs

    endpoint = urlsplit(os.environ.get("AWS_ENDPOINT_URL_S3") or os.environ.get("AWS_ENDPOINT_URL") or "")
    key, secret = (os.environ.get(name) or None for name in CREDENTIALS)
    is_given = key is not None and secret is not None
    return fs.S3FileSystem(
        access_key=key if is_given else None,
        secret_key=secret if is_given else None,
        session_token=os.environ.get(_SESSION_TOKEN) or None if is_given else None,
        region=os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION") or "us-east-1",
        scheme=endpoint.scheme or "https",
        endpoint_override=endpoint.netloc or None,
        connect_timeout=_CONNECT_SECONDS,
        request_timeout=_REQUEST_SECONDS,
        retry_strategy=fs.AwsStandardS3RetryStrategy(max_attempts=_ATTEMPTS),
    )


def without_credentials(text: str) -> str:
    """The text with every credential of the environment masked."""
    for name in (*CREDENTIALS, _SESSION_TOKEN):
        if value := os.environ.get(name):
            text = text.replace(value, "***")
    return text
