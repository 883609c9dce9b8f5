"""Many finished scratch files on their way to their names, in as few waits for the disk as that takes."""

from collections.abc import Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import msgspec

from dagster_project import durable

# Waiting is all they do, and what is synced at once goes to disk together.
_THREADS = 16


class Move(msgspec.Struct, frozen=True):
    """A finished file, the path it becomes, and its mode."""

    written: Path
    path: Path
    mode: int = 0o644


class Moves:
    """Makes moves as `durable.move_synced` makes one: files' bytes first, then their names, then those of folders.

    A file is synced when its move is added, meanwhile if `beside`. When the context ends well, all get their names, and
    then each folder is synced once; else none does. A folder made for each file before it was synced had the disk wait
    for twice as many names, one after the other.
    """

    def __init__(self, *, beside: bool) -> None:
        self._pool = ThreadPoolExecutor(max_workers=_THREADS) if beside else None
        self._syncing: list[Future[None]] = []
        self._moves: list[Move] = []

    def add(self, move: Move) -> None:
        """Have the written file become its path."""
        self._moves.append(move)
        if self._pool is None:
            _sync(move)
        else:
            self._syncing.append(self._pool.submit(_sync, move))

    def discard(self, scratch: Iterable[Path]) -> None:
        """Remove files that nobody needs any more, while others are synced; what is left goes with the work folder.

        Not in threads: beside renames in the same folder both took five times as long.
        """
        if self._pool is not None:
            for file in scratch:
                file.unlink(missing_ok=True)

    def __enter__(self) -> "Moves":
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        try:
            if kind is None:
                self._finish()
        finally:
            if self._pool is not None:
                self._pool.shutdown(cancel_futures=True)

    def _finish(self) -> None:
        for synced in self._syncing:
            synced.result()
        changed: set[Path] = set()
        for move in self._moves:
            changed.update(durable.make_unsynced(move.path.parent), [move.path.parent])
            move.written.replace(move.path)
        run = map if self._pool is None else self._pool.map
        list(run(durable.sync_folder, sorted(changed)))


def _sync(move: Move) -> None:
    durable.sync_file(move.written, mode=move.mode)
