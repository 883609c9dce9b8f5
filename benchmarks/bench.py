"""What every measurement is given: rounds, size, a folder to work in, and a way to run a fresh process."""

import os
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec

ROOT = Path(__file__).resolve().parent.parent
RELIABILITY = Path(sys.executable).with_name("reliability")
_SAMPLE_SECONDS = 0.2


class Finished(msgspec.Struct, frozen=True):
    """A child process that ended well. Peak, 0 unless watched, is of it and all its children, by proportional share."""

    wall_seconds: float
    peak_bytes: int
    answer: dict


@dataclass(frozen=True, kw_only=True)
class Bench:
    """`rounds` pairs are taken of each comparison; `scale` makes everything smaller for a try-out."""

    work: Path
    rounds: int = 3
    scale: float = 1.0

    def count(self, full: int) -> int:
        """So many events instead of `full`."""
        return max(1000, int(full * self.scale))

    def is_full(self) -> bool:
        """Whether the sizes are those that the targets speak of."""
        return self.scale >= 1

    def python(self, module: str, *arguments: object, home: Path | None = None, is_watched: bool = False) -> Finished:
        """Run a module of ours in a fresh process; what it answers is the JSON document on its last line.

        Raises RuntimeError with all it said when it fails.
        """
        return self.command([sys.executable, "-m", module, *map(str, arguments)], home=home, is_watched=is_watched)

    def command(
        self,
        command: Sequence[str],
        *,
        home: Path | None = None,
        environment: Mapping[str, str] | None = None,
        is_watched: bool = False,
    ) -> Finished:
        """Run a command in a fresh process. Raises RuntimeError when it fails.

        `is_watched`: its memory is read all the while, which takes from who works on all cores, and not from who
        works on one.
        """
        environment = os.environ | {"PYTHONPATH": str(ROOT), "DO_NOT_TRACK": "1", **(environment or {})}
        if home is not None:
            environment["RELIABILITY_HOME"] = str(home)
        began = time.perf_counter()
        child = subprocess.Popen(
            command, cwd=self.work, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )
        peak = _Peak(child.pid) if is_watched else None
        out, err = child.communicate()
        wall = time.perf_counter() - began
        if child.returncode:
            raise RuntimeError(f"{' '.join(command)} ended with {child.returncode}:\n{_said(out, err)}")
        last = out.strip().rpartition(b"\n")[2]
        answer = msgspec.json.decode(last) if last.startswith(b"{") else {}
        return Finished(wall_seconds=wall, peak_bytes=peak.bytes() if peak else 0, answer=answer)


def _said(out: bytes, err: bytes) -> str:
    """The end of what a command printed: a failed check is told on standard output, an error on the other."""
    return "\n".join(text.decode(errors="replace")[-4000:] for text in (out, err) if text.strip())


class _Peak:
    """The largest sum of proportional set sizes of a process and its children; Linux only, 0 elsewhere."""

    def __init__(self, pid: int) -> None:
        self._pid = pid
        self._peak = 0
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()

    def bytes(self) -> int:
        self._thread.join(timeout=5)
        return self._peak

    def _watch(self) -> None:
        while Path(f"/proc/{self._pid}/smaps_rollup").exists():
            size = sum(_share(pid) for pid in _tree(self._pid))
            if not size:
                return
            self._peak = max(self._peak, size)
            time.sleep(_SAMPLE_SECONDS)


def _tree(pid: int) -> list[int]:
    found = [pid]
    try:
        for task in Path(f"/proc/{pid}/task").iterdir():
            for child in (task / "children").read_text(encoding="ascii").split():
                found += _tree(int(child))
    except OSError:
        pass  # it ended just now
    return found


def _share(pid: int) -> int:
    try:
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii").splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) << 10
    except (OSError, ValueError):
        pass  # it ended just now
    return 0
