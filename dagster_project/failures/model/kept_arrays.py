"""Arrays that take long to make: read ever after, in a tenth of the time."""

import hashlib
import os
import threading
import zipfile
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from dagster_project import durable
from dagster_project.settings import Settings

if TYPE_CHECKING:
    import numpy as np

Arrays: TypeAlias = "Mapping[str, np.ndarray]"

_one_at_a_time = threading.Lock()
"""Threads of a query ask for the same arrays at once: one makes them, the others read what it has written."""

_FOR_ALL = Path(__file__).parent / "target"
"""Beside the code, for every data root."""


def arrays_places(settings: Settings, *, is_shipped: bool) -> tuple[Path, ...]:
    """Folders to keep arrays in: what is made of shipped files alone serves every data root."""
    own = settings.warehouse / "classifier"
    return (_FOR_ALL, own) if is_shipped else (own,)


def kept_arrays(places: Iterable[Path], made_of: str, *, by: Iterable[Path], make: Callable[[], Arrays]) -> Arrays:
    """What `make` gives for `made_of`, named `kind-hash`, by these files of code; made when no place has it.

    It is kept in the first place that takes it, and those of its kind made of anything else are removed there.
    """
    code = hashlib.sha256(b"".join(file.read_bytes() for file in by)).hexdigest()
    files = [folder / f"{made_of}-{code[:12]}.npz" for folder in places]
    with _one_at_a_time:
        found = next((arrays for arrays in map(_read, files) if arrays is not None), None)
        return found if found is not None else _keep(files, make(), kind=made_of.partition("-")[0])


def _read(file: Path) -> "Arrays | None":
    """None when there is none that can be read. What is read is numbers and texts, never code."""
    import numpy as np

    try:
        with np.load(file, allow_pickle=False) as kept:
            return dict(kept)
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
        return None


def _keep(files: Iterable[Path], arrays: Arrays, *, kind: str) -> Arrays:
    for file in files:
        with suppress(OSError):  # a folder that may only be read
            _write(file, arrays, kind=kind)
            break
    return arrays


def _write(file: Path, arrays: Arrays, *, kind: str) -> None:
    import numpy as np

    durable.make_folder(file.parent)
    older = set(file.parent.glob(f"{kind}-*.npz")) - {file}
    written = file.with_suffix(f".{os.getpid()}")  # another process may keep the same at this moment
    with written.open("wb") as handle:
        np.savez(handle, allow_pickle=False, **arrays)
    durable.move_synced(written, file)
    for path in older:
        path.unlink(missing_ok=True)
