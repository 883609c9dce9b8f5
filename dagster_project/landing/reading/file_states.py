"""A file as it is at one moment: its size and hashes, and whether it still is what it was."""

import hashlib
import os
from pathlib import Path

import msgspec

from dagster_project.landing.ledger import Row
from dagster_project.landing.reading.compression import Stream

# Large, as whoever else runs Python in this process makes the reader wait after each block.
_HASH_BLOCK_BYTES = 16 << 20
_START_BYTES = 8


class FileState(msgspec.Struct, frozen=True):
    """A file's size and content hash, and the hash of its first `prefix_bytes`."""

    file_bytes: int
    sha256: str
    start: bytes
    modified_ns: int
    prefix_sha256: str | None = None


def read_state(path: Path, *, prefix_bytes: int | None = None) -> FileState:
    """Size and sha256 of the file as it is now. Raises OSError."""
    whole = hashlib.sha256()
    prefix_sha256: str | None = None
    start = b""
    position = 0
    with path.open("rb", buffering=0) as handle:
        status = os.fstat(handle.fileno())
        modified_ns = status.st_mtime_ns
        room = memoryview(bytearray(min(_HASH_BLOCK_BYTES, max(status.st_size, 1))))
        while size := handle.readinto(room):
            block = room[:size]
            start += bytes(block[: _START_BYTES - len(start)])
            if prefix_bytes is not None and position < prefix_bytes <= position + len(block):
                prefix = whole.copy()
                prefix.update(block[: prefix_bytes - position])
                prefix_sha256 = prefix.hexdigest()
            whole.update(block)
            position += len(block)
    return FileState(position, whole.hexdigest(), start, modified_ns, prefix_sha256)


def unhashed_state(path: Path) -> FileState:
    """Size and time of the file as it is now, without its hash. Raises OSError."""
    with path.open("rb", buffering=0) as handle:
        status = os.fstat(handle.fileno())
        return FileState(status.st_size, "", handle.read(_START_BYTES), status.st_mtime_ns)


def is_there(row: Row) -> bool:
    """Whether the file that the row is of still lies where it landed from, perhaps longer by now."""
    try:
        state = read_state(Path(row["source_path"]), prefix_bytes=row["file_bytes"])
    except OSError:
        return False
    return row["source_file_sha256"] in (state.sha256, state.prefix_sha256)


def is_untouched(path: Path, *, file_bytes: int, modified_ns: int) -> bool:
    """Whether nobody has written to the file since then. Raises OSError."""
    status = path.stat()
    return (status.st_size, status.st_mtime_ns) == (file_bytes, modified_ns)


def is_still(path: Path, *, file_bytes: int, sha256: str, modified_ns: int) -> bool:
    """Whether the file still begins with the content it had then; growing is no change. Raises OSError."""
    if is_untouched(path, file_bytes=file_bytes, modified_ns=modified_ns):
        return True
    state = read_state(path, prefix_bytes=file_bytes)
    return sha256 in (state.sha256, state.prefix_sha256)


def goes_on_with_a_new_line(stream: Stream, offset: int) -> bool:
    """Whether what was added leaves the last landed line as it was: at most white space until its newline."""
    if offset == 0:
        return True
    added = b""
    for block in stream.blocks(start=offset - 1):
        added += block[: 1 << 16]
        if b"\n" in added or len(added) >= 1 << 16:
            break
    rest_of_line, newline, _ = added.partition(b"\n")
    return rest_of_line[:1] == b"" or (bool(newline) and not rest_of_line[1:].strip(b" \t\r"))
