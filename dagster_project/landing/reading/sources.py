"""Which files a command line means: files, folders and globs become one sorted list, links stay inside."""

import glob
import os
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import msgspec

from dagster_project.errors import UsageError
from dagster_project.settings import Settings


class Source(msgspec.Struct, frozen=True):
    """A file to land. `is_named`: the user wrote this file's name, so being unable to read it is an error."""

    path: Path
    is_named: bool

    @property
    def display(self) -> str:
        """The path as text that any table can hold: bytes that are no UTF-8 are escaped."""
        return os.fsencode(self.path).decode("utf-8", "backslashreplace")


class Skipped(msgspec.Struct, frozen=True):
    """A file that did not land, and why; `is_named` as in Source."""

    path: str
    why: str
    is_named: bool = False


def find_sources(settings: Settings, paths: Sequence[Path | str]) -> tuple[list[Source], list[Skipped]]:
    """The files below the paths, sorted by path, and what was passed over.

    Raises UsageError when no path is given, or when there is nothing at all below them.
    """
    if not paths:
        raise UsageError("No path was given.", remedy="Name log files, folders or globs to land.")
    found: dict[Path, Source] = {}
    skipped: list[Skipped] = []
    for path, is_named in _given(paths, skipped):
        try:
            is_folder, is_file = path.is_dir(), path.is_file()
        except OSError as error:
            skipped.append(Skipped(_display(path), f"it cannot be read: {error.strerror}", is_named=True))
            continue
        if is_folder:
            for entry in _walk(path, own_folders=_own_folders(settings), skipped=skipped):
                found.setdefault(entry, Source(entry, is_named=False))
        elif is_file:
            found[path] = Source(path, is_named=is_named)
        else:
            skipped.append(Skipped(_display(path), "it is neither a file nor a folder", is_named=is_named))
    if not found and not skipped:
        culprit = ", ".join(str(path) for path in paths)
        raise UsageError(f"There is no file in {culprit}.", remedy="Name a folder that holds log files.")
    return [found[path] for path in sorted(found, key=os.fsencode)], skipped


def _given(paths: Iterable[Path | str], skipped: list[Skipped]) -> Iterator[tuple[Path, bool]]:
    """Each existing path the user meant: a name that exists is itself, else it may be a glob."""
    for given in paths:
        path = Path(given).absolute()
        why = "there is no such file or folder"
        try:
            path.lstat()
        except (FileNotFoundError, NotADirectoryError, ValueError):
            pass
        except OSError as error:
            why = f"it cannot be read: {error.strerror}"
        else:
            yield path, True
            continue
        is_glob = glob.has_magic(str(path))
        # Path.glob needs a folder to start from, and follows other rules for hidden names than a shell.
        matches = sorted(glob.glob(str(path), recursive=True), key=os.fsencode) if is_glob else []  # noqa: PTH207
        closed = _closed_on_the_way(path) if is_glob else []
        skipped += [Skipped(_display(folder), "the folder cannot be read", is_named=True) for folder in closed]
        if not matches and not closed:
            skipped.append(Skipped(_display(path), why, is_named=True))
        for match in matches:
            yield Path(match), False


def _closed_on_the_way(pattern: Path) -> list[Path]:
    """The folders in which a glob looks for matches and cannot: it passes over them without a word."""
    found: list[Path] = []
    for parent in pattern.parents:
        found += map(Path, glob.glob(str(parent), recursive=True))  # noqa: PTH207
        if not glob.has_magic(str(parent)):
            break
    folders = sorted({folder for folder in found if os.path.isdir(folder)}, key=os.fsencode)  # noqa: PTH112
    return [folder for folder in folders if not os.access(folder, os.R_OK | os.X_OK, effective_ids=True)]


def _walk(folder: Path, *, own_folders: frozenset[Path], skipped: list[Skipped]) -> Iterator[Path]:
    """Every regular file below the folder. Links are never followed: what they name inside is found itself."""
    pending = [folder]
    while pending:
        current = pending.pop()
        try:
            entries = sorted(os.scandir(current), key=lambda entry: os.fsencode(entry.name))
        except OSError as error:
            skipped.append(Skipped(_display(current), f"the folder cannot be read: {error.strerror}", is_named=True))
            continue
        for entry in entries:
            path = Path(entry.path)
            if entry.is_symlink():
                skipped.append(Skipped(_display(path), _why_no_link(path, folder)))
            elif entry.is_dir():
                if path not in own_folders:
                    pending.append(path)
            elif entry.is_file():
                yield path
            else:
                skipped.append(Skipped(_display(path), "it is no regular file"))


def _why_no_link(path: Path, folder: Path) -> str:
    try:
        inside = path.resolve(strict=True).is_relative_to(folder.resolve())
    except (OSError, RuntimeError):
        return "it is a link that leads nowhere"
    if inside:
        return "it is a link inside the folder; what it names is landed as itself"
    return "it is a link that leaves the given folder"


def _own_folders(settings: Settings) -> frozenset[Path]:
    """Our own output must not land when the data root lies inside a given folder."""
    return frozenset(
        {
            settings.landed, settings.ledger, settings.quarantine, settings.payloads,
            settings.warehouse, settings.published, settings.exports,
        }
    )  # fmt: skip


def _display(path: Path) -> str:
    return Source(path, is_named=False).display
