"""An environment per peer, from its own lock, beside the results: nothing of a peer comes into ours."""

import hashlib
import subprocess
import sys
from pathlib import Path

from benchmarks.bench import ROOT

_LOCKS = Path(__file__).parent / "locks"
_FOLDER = ROOT / "data" / "bench" / "peers"


def peer_python(name: str) -> Path | None:
    """The peer's Python, installed once per lock; None, with the reason on stderr, when it cannot be installed."""
    lock = _LOCKS / f"{name}.lock"
    folder = _FOLDER / f"{name}-{hashlib.sha256(lock.read_bytes()).hexdigest()[:12]}"
    python, installed = folder / "bin" / "python", folder / "installed"
    if installed.exists():
        return python
    print(f"installing {name} in an environment of its own ...", file=sys.stderr)
    uv = Path(sys.executable).parent / "uv"
    for command in (
        [sys.executable, "-m", "venv", "--clear", str(folder)],
        [str(uv), "pip", "install", "--quiet", "--python", str(python), "--no-deps", "--requirement", str(lock)],
    ):
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            print(f"{name} cannot be installed: {done.stderr.strip()[-2000:]}", file=sys.stderr)
            return None
    installed.touch()
    return python
