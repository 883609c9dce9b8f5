"""The preloaded library: compiled where it is needed, and a server of processes that run under it."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

from tests.faults.points import KINDS, Point

SOURCE = Path(__file__).with_name("shim.c")
REPOSITORY = Path(__file__).resolve().parent.parent.parent


def compiler() -> str | None:
    """The C compiler; None where there is none."""
    return shutil.which("cc") or shutil.which("gcc")


def compile_shim(folder: Path) -> Path:
    """The shared library, built in the folder."""
    library = folder / "shim.so"
    found = compiler()
    assert found is not None
    subprocess.run([found, "-shared", "-fPIC", "-O1", "-o", str(library), str(SOURCE), "-ldl", "-lpthread"], check=True)
    return library


@dataclass(frozen=True, kw_only=True)
class Finished:
    """A process that ended: its exit code (negative: the signal), what it printed, and its log of operations."""

    code: int
    output: str
    log: list[str]

    @property
    def has_struck(self) -> bool:
        return any(line.startswith("!") for line in self.log)


class Server:
    """Runs `reliability` commands under the library, each in a fork of one process that has imported everything."""

    def __init__(self, library: Path, *, folder: Path) -> None:
        self._folder = folder
        self.library = library
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.faults.process", str(library)],
            env={**os.environ, "LD_PRELOAD": str(library)},
            cwd=REPOSITORY,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def __enter__(self) -> "Server":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._process.stdin is not None and self._process.stdout is not None
        self._process.stdin.close()
        self._process.wait()
        self._process.stdout.close()

    def run(
        self, *arguments: str | Path, home: Path, sources: Path, commit_bytes: int, point: Point | None = None
    ) -> Finished:
        """Run one command to its end, with a fault at the point if one is given."""
        log, output = self._folder / "operations.log", self._folder / "output.txt"
        log.unlink(missing_ok=True)
        request = {
            "arguments": [str(argument) for argument in arguments],
            "home": str(home),
            "sources": str(sources),
            "commit_bytes": commit_bytes,
            "operation": point.operation if point else "",
            "pattern": KINDS[point.kind] if point else "x",
            "ordinal": point.ordinal if point else 0,
            "fault": point.fault if point else "pass",
            "log": str(log),
            "output": str(output),
        }
        assert self._process.stdin is not None and self._process.stdout is not None
        self._process.stdin.write(json.dumps(request) + "\n")
        self._process.stdin.flush()
        code = int(self._process.stdout.readline())
        return Finished(
            code=code,
            output=output.read_text(encoding="utf-8", errors="replace"),
            log=log.read_text(encoding="utf-8", errors="replace").splitlines(),
        )


@contextmanager
def server(folder: Path) -> Generator[Server, None, None]:
    """A server with its library and its files in the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    with Server(compile_shim(folder), folder=folder) as running:
        yield running
