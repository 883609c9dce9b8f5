"""Datasets in an S3-compatible store: the same bytes as on disk, readable only as a whole.

A dataset without its manifest is none. The manifest goes first and comes last: whoever finds one finds its files.
"""

from pathlib import Path, PurePosixPath
from urllib.parse import urlsplit

import pyarrow as pa
from pyarrow import fs

from dagster_project import s3
from dagster_project.errors import UsageError
from dagster_project.training.manifest import MANIFEST_NAME

SCHEME = "s3://"
_CHUNK_BYTES = 8 << 20


def is_store_url(out: str) -> bool:
    return out.startswith(SCHEME)


class Store:
    """A place below a bucket. Credentials, region and endpoint come from the usual AWS_* variables."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        if parts.scheme != "s3" or not parts.netloc or parts.query or parts.fragment:
            raise UsageError(f"{url} is no place in a store.", remedy="Write s3://bucket/prefix.")
        self.url = url.rstrip("/")
        self._root = PurePosixPath(parts.netloc) / parts.path.strip("/")
        self._files = s3.connect()

    def put_dataset(self, folder: Path) -> bool:
        """Store the dataset of this folder under its name; whether that changed anything.

        Raises UsageError when the store cannot be reached or refuses.
        """
        place = self._root / folder.name
        manifest = (folder / MANIFEST_NAME).read_bytes()
        names = [path.relative_to(folder).as_posix() for path in sorted(folder.rglob("*")) if path.is_file()]
        try:
            present = self._present(place)
            if present.keys() == set(names) and self._read(place / MANIFEST_NAME) == manifest:
                return False
            if present:
                if MANIFEST_NAME in present:
                    self._files.delete_file(str(place / MANIFEST_NAME))
                self._files.delete_dir(str(place))
            for name in names:
                if name != MANIFEST_NAME:
                    self._put(folder / name, place / name)
            self._put(folder / MANIFEST_NAME, place / MANIFEST_NAME)
        except (OSError, pa.ArrowException) as error:
            raise UsageError(
                f"{self.url}/{folder.name} cannot be written: {s3.without_credentials(str(error).splitlines()[0])}",
                remedy="Check the bucket and the AWS_* variables, then export again: without its manifest nothing "
                "there counts as a dataset.",
            ) from error
        return True

    def fetch_datasets(self, folder: Path) -> None:
        """Copy every file below the place into the folder, so that it can be verified. Errors as above."""
        try:
            for name in self._present(self._root):
                (folder / name).parent.mkdir(parents=True, exist_ok=True)
                (folder / name).write_bytes(self._read(self._root / name))
        except (OSError, pa.ArrowException) as error:
            raise UsageError(
                f"{self.url} cannot be read: {s3.without_credentials(str(error).splitlines()[0])}",
                remedy="Check the bucket and the AWS_* variables.",
            ) from error

    def _present(self, place: PurePosixPath) -> dict[str, int]:
        """Size of each file below the place, by its path from there."""
        found = self._files.get_file_info(fs.FileSelector(str(place), recursive=True, allow_not_found=True))
        return {
            PurePosixPath(info.path).relative_to(place).as_posix(): info.size
            for info in sorted(found, key=lambda info: info.path)
            if info.type == fs.FileType.File
        }

    def _read(self, path: PurePosixPath) -> bytes:
        with self._files.open_input_stream(str(path)) as stream:
            return stream.read()

    def _put(self, path: Path, place: PurePosixPath) -> None:
        with path.open("rb") as source, self._files.open_output_stream(str(place)) as sink:
            while chunk := source.read(_CHUNK_BYTES):
                sink.write(chunk)
