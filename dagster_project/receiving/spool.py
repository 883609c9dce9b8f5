"""The files that received spans and log records are written to, and the one thread that writes them.

Requests that wait together are written and made durable together (group commit). A file is only ever appended to
by the process that made it: what a killed one left ends, at worst, in a record that nobody was told is safe.
"""

import contextlib
import os
import queue
import re
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from dagster_project import durable
from dagster_project.receiving.answers import Encoding
from dagster_project.receiving.limits import Limits

_ENDINGS: dict[Encoding, str] = {"json": ".jsonl", "protobuf": ".binpb"}
_NAME = re.compile(r"([a-z]+)-([0-9]{8})\.(?:jsonl|binpb)")

Done = Callable[[OSError | None], object]
"""Told once the record is durable, or why it is not. Called on the writer's thread."""


class SpoolFile:
    """One file being appended to."""

    def __init__(self, folder: Path, stem: str, encoding: Encoding) -> None:
        self.path, self._descriptor = _create(folder, stem, encoding)
        self._opened = time.monotonic()
        self._size = 0
        try:
            durable.sync_folder(folder)
        except OSError:
            self.close()
            raise

    def append(self, content: bytes) -> None:
        """Write and make durable. Raises OSError, after which nothing more may be written to this file."""
        view = memoryview(content)
        while view:
            view = view[os.write(self._descriptor, view) :]
        os.fsync(self._descriptor)
        self._size += len(content)
        # What somebody moved or deleted meanwhile is not in the inbox, however durable.
        status, named = os.fstat(self._descriptor), self.path.stat()
        if (status.st_dev, status.st_ino) != (named.st_dev, named.st_ino):
            raise OSError(f"{self.path.name} was replaced while it was written")

    def is_full(self, limits: Limits) -> bool:
        return self._size >= limits.rotate_bytes or time.monotonic() - self._opened >= limits.rotate_seconds

    def give_up(self) -> None:
        """Cut off what was not acknowledged, if that can still be done, and close."""
        with contextlib.suppress(OSError):  # landing tells a torn record from a whole one anyway
            os.ftruncate(self._descriptor, self._size)
        self.close()

    def close(self) -> None:
        with contextlib.suppress(OSError):  # what was acknowledged is synced: it tells nothing new
            os.close(self._descriptor)


def _create(folder: Path, stem: str, encoding: Encoding) -> tuple[Path, int]:
    """A new file of the next free number; two receivers never take the same."""
    matches = [match for entry in folder.iterdir() if (match := _NAME.fullmatch(entry.name))]
    taken = [int(match[2]) for match in matches if match[1] == stem]
    number = max(taken, default=0) + 1
    while True:
        path = folder / f"{stem}-{number:08d}{_ENDINGS[encoding]}"
        try:
            return path, os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND | os.O_CLOEXEC, 0o644)
        except FileExistsError:
            number += 1


_Kind = tuple[str, Encoding]
"""Each kind of record and encoding has a file of its own: how its name begins, and what it is written in."""


@dataclass
class _Waiting:
    kind: _Kind
    content: bytes
    done: Done


@dataclass
class _Group:
    contents: list[bytes] = field(default_factory=list)
    dones: list[Done] = field(default_factory=list)


class Spool:
    """Writes records durably into a folder, in groups. `start` before, `stop` after."""

    def __init__(self, folder: Path, *, limits: Limits) -> None:
        self._folder = folder
        self._limits = limits
        self._queue: queue.SimpleQueue[_Waiting | None] = queue.SimpleQueue()
        self._files: dict[_Kind, SpoolFile] = {}
        self._thread = threading.Thread(target=self._run, name="spool", daemon=True)

    def start(self) -> None:
        """Make the folder and start the writer. Raises OSError when the folder cannot be made."""
        durable.make_folder(self._folder)
        self._thread.start()

    def append(self, encoding: Encoding, content: bytes, done: Done, *, stem: str = "spans") -> None:
        """Have the record written to a file whose name begins with `stem`; `done` is told when that is durable or has
        failed."""
        self._queue.put(_Waiting((stem, encoding), content, done))

    def stop(self) -> None:
        """Write what waits, then end."""
        self._queue.put(None)
        self._thread.join()

    def _run(self) -> None:
        is_open = True
        while is_open:
            waiting = [self._queue.get()]
            while not self._queue.empty():
                waiting.append(self._queue.get())
            groups: dict[_Kind, _Group] = {}
            for record in waiting:
                if record is None:
                    is_open = False
                    continue
                group = groups.setdefault(record.kind, _Group())
                group.contents.append(record.content)
                group.dones.append(record.done)
            for kind, group in groups.items():
                self._write(kind, group)
        for file in self._files.values():
            file.close()

    def _write(self, kind: _Kind, group: _Group) -> None:
        failure: OSError | None = None
        try:
            self._append(kind, b"".join(group.contents))
        except OSError as error:
            failure = error
        except Exception as error:
            # Whoever waits must be told, whatever happened.
            failure = OSError(f"{type(error).__name__}: {error}")
        for done in group.dones:
            done(failure)

    def _append(self, kind: _Kind, content: bytes) -> None:
        file = self._files.get(kind)
        if file is not None and file.is_full(self._limits):
            self._files.pop(kind).close()
            file = None
        if file is None:
            file = self._files[kind] = SpoolFile(self._folder, *kind)
        try:
            file.append(content)
        except BaseException:
            # After a failed fsync nobody knows what is on disk: the file is never written to again.
            self._files.pop(kind).give_up()
            raise
