"""From a record's locator back to the bytes it was made of."""

from pathlib import Path

from dagster_project.errors import UsageError
from dagster_project.landing.ledger import Ledger
from dagster_project.landing.reading.file_states import read_state
from dagster_project.landing.reading.ranges import read_ranges
from dagster_project.settings import Settings
from dagster_project.snapshots import read_snapshot


def original_bytes(
    settings: Settings, *, source_path: str, source_file_sha256: str, byte_offset: int, byte_length: int
) -> bytes:
    """The unit's own bytes, read from the source file after checking that it is the file that landed.

    A file that has grown since is checked by the part that had landed. Offsets are decompressed bytes.
    Raises UsageError when the file is gone, was changed, or is too short.
    """
    path = Path(source_path)
    file_bytes = _landed_bytes(settings, source_file_sha256)
    try:
        state = read_state(path, prefix_bytes=file_bytes)
        if source_file_sha256 not in (state.sha256, state.prefix_sha256):
            raise UsageError(
                f"{source_path} is no longer the file that landed (its content has changed).",
                remedy=f"Restore the file with sha256 {source_file_sha256}.",
            )
        size = file_bytes or state.file_bytes
        ranges = [(byte_offset, byte_length)]
        raw = next(read_ranges(settings, path, file_bytes=size, ranges=ranges))
    except OSError as error:
        raise UsageError(
            f"{source_path} cannot be read: {error.strerror}.", remedy="Put the source file back where it landed from."
        ) from error
    if len(raw) != byte_length:
        raise UsageError(
            f"{source_path} ends before byte {byte_offset + byte_length}.", remedy="Restore the file that landed."
        )
    return raw


def _landed_bytes(settings: Settings, sha256: str) -> int | None:
    """How long the file was that landed with this content, from any ledger row, replaced ones included."""
    row = Ledger.read(settings, read_snapshot(settings)).of_content(sha256)
    return None if row is None else row["file_bytes"]
