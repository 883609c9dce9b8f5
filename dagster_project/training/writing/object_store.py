"""Datasets in an S3-compatible store: the same bytes as on disk, readable only as a whole.

A new dataset is sent to a place beside the old one, which stays as it is meanwhile. Then the old manifest goes, the
store itself copies the files into place, and the new manifest comes last: a dataset without its manifest is none, and
whoever finds the same one before and after reading has read its files.
"""

import hashlib
import shutil
import time
from collections.abc import Container
from pathlib import Path, PurePosixPath
from typing import NamedTuple
from urllib.parse import urlsplit

import pyarrow as pa
from pyarrow import fs

from dagster_project import s3
from dagster_project.errors import UsageError
from dagster_project.training.writing.manifest import MANIFEST_NAME

SCHEME = "s3://"
_CHUNK_BYTES = 8 << 20
_STAGE = ".partial-"
"""What the name of a place beside a dataset begins with, before the dataset's."""
_READS = 20
_READ_AGAIN_SECONDS = 0.5


def is_store_url(out: str) -> bool:
    return out.startswith(SCHEME)


class _Seen(NamedTuple):
    """The files below a place and the manifests among them; whether a dataset on its way there has none yet."""

    names: list[str]
    manifests: dict[str, bytes]
    is_being_replaced: bool


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
            if present.keys() == set(names) and all(self._holds(place / name, folder / name) for name in names):
                return False
            stage = self._root / f"{_STAGE}{folder.name}-{hashlib.sha256(manifest).hexdigest()[:16]}"
            self._remove_stages(folder.name)
            for name in names:
                self._put(folder / name, stage / name)
            self._replace(place, stage, names=names, present=present)
            self._remove_stages(folder.name)
        except (OSError, pa.ArrowException) as error:
            raise UsageError(
                f"{self.url}/{folder.name} cannot be written: {s3.without_credentials(str(error).splitlines()[0])}",
                remedy="Check the bucket and the AWS_* variables, then export again: what was there before stays, or "
                "has no manifest and counts for nothing.",
            ) from error
        return True

    def _replace(
        self, place: PurePosixPath, stage: PurePosixPath, *, names: list[str], present: Container[str]
    ) -> None:
        """Give the staged files their names: the manifest of the old ones goes first, that of the new comes last."""
        if MANIFEST_NAME in present:
            self._files.delete_file(str(place / MANIFEST_NAME))
        if present:
            self._files.delete_dir(str(place))
        for name in sorted(names, key=lambda name: (name == MANIFEST_NAME, name)):
            self._copy(str(stage / name), str(place / name))

    def _copy(self, source: str, place: str) -> None:
        """Within the store, which does it without sending the bytes again."""
        self._files.copy_file(source, place)

    def _remove_stages(self, name: str) -> None:
        for stage in self._stages():
            if stage.startswith(f"{_STAGE}{name}-"):
                self._files.delete_dir(str(self._root / stage))

    def _stages(self) -> list[str]:
        """Places beside datasets, of an export that is at work or was killed."""
        return sorted({name.split("/")[0] for name in self._present(self._root) if name.startswith(_STAGE)})

    def fetch_datasets(self, folder: Path) -> None:
        """Copy every file below the place into the folder, so that it can be verified. Errors as above.

        Reads again while an exporter puts another dataset in place: what was read is the old one or the new.
        """
        try:
            for _ in range(_READS):
                if self._fetched(folder):
                    return
                shutil.rmtree(folder, ignore_errors=True)
                folder.mkdir(parents=True)
                time.sleep(_READ_AGAIN_SECONDS)
        except (OSError, pa.ArrowException) as error:
            raise UsageError(
                f"{self.url} cannot be read: {s3.without_credentials(str(error).splitlines()[0])}",
                remedy="Check the bucket and the AWS_* variables.",
            ) from error
        raise UsageError(f"{self.url} is being written.", remedy="Try again when the export there has ended.")

    def _fetched(self, folder: Path) -> bool:
        """Copy what there is; False when it changed meanwhile, or is about to."""
        before = self._manifests()
        for name in before.names:
            try:
                content = self._read(self._root / name)
            except FileNotFoundError:
                return False
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_bytes(content)
        return self._manifests() == before and not before.is_being_replaced

    def _manifests(self) -> "_Seen":
        present = self._present(self._root)
        names = [name for name in present if not name.startswith(_STAGE)]
        manifests = {name: self._read(self._root / name) for name in names if name.endswith(MANIFEST_NAME)}
        staged = {name.removeprefix(_STAGE).rpartition("-")[0] for name in self._stages()}
        return _Seen(names, manifests, any(f"{name}/{MANIFEST_NAME}" not in manifests for name in staged))

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

    def _holds(self, place: PurePosixPath, path: Path) -> bool:
        """Whether what lies there is this file, byte for byte: a manifest does not tell what became of the others."""
        with path.open("rb") as ours, self._files.open_input_stream(str(place)) as theirs:
            while chunk := ours.read(_CHUNK_BYTES):
                if theirs.read(len(chunk)) != chunk:
                    return False
            return not theirs.read(1)

    def _put(self, path: Path, place: PurePosixPath) -> None:
        with path.open("rb") as source, self._files.open_output_stream(str(place)) as sink:
            while chunk := source.read(_CHUNK_BYTES):
                sink.write(chunk)
