"""Files that are whole before they are visible, and still there after a power cut.

DuckDB, pyarrow and polars never call fsync, so whatever must survive is written through here.
"""

import os
from collections.abc import Callable
from pathlib import Path

TEMPORARY_SUFFIX = ".partial"
"""No reader lists folders, so a leftover of a killed writer is harmless; `sweep_partial` removes it."""


def sync_folder(folder: Path) -> None:
    """Make the folder's entries (new names, renames) durable."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def make_folder(folder: Path) -> None:
    """Create the folder and its parents, each durably."""
    for changed in make_unsynced(folder):
        sync_folder(changed)


def make_unsynced(folder: Path) -> list[Path]:
    """Create the folder and its parents; the folders in which a name is new, which are to be synced."""
    if folder.is_dir():
        return []
    above = make_unsynced(folder.parent)
    folder.mkdir(exist_ok=True)
    return [*above, folder.parent]


def write_with(path: Path, write: Callable[[Path], None], *, mode: int = 0o644) -> None:
    """Let `write` fill a temporary file, then make it durable and give it its name in one step."""
    make_folder(path.parent)
    temporary = path.with_name(path.name + TEMPORARY_SUFFIX)
    temporary.unlink(missing_ok=True)
    write(temporary)
    move_synced(temporary, path, mode=mode)


def move_synced(written: Path, path: Path, *, mode: int = 0o644) -> None:
    """Make a finished scratch file of the same file system durable, and give it its name in one step.

    A file of that name is replaced: names that are content hashes promise the same bytes.
    """
    make_folder(path.parent)
    sync_file(written, mode=mode)
    written.replace(path)
    sync_folder(path.parent)


def sync_file(written: Path, *, mode: int = 0o644) -> None:
    """Make a finished file's bytes durable, and give it its mode."""
    written.chmod(mode)
    descriptor = os.open(written, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def write_bytes(path: Path, content: bytes, *, mode: int = 0o644) -> None:
    """Write a small file whole and durably."""
    write_with(path, lambda temporary: _write_all(temporary, content), mode=mode)


def _write_all(path: Path, content: bytes) -> None:
    path.write_bytes(content)


def sweep_partial(folder: Path) -> int:
    """Remove what a killed writer left behind in the folder tree; the number of files removed."""
    leftovers = list(folder.rglob(f"*{TEMPORARY_SUFFIX}")) if folder.is_dir() else []
    for leftover in leftovers:
        leftover.unlink(missing_ok=True)
    return len(leftovers)
