"""The compiled scanner of this process, once it has been loaded: by processes that read many lines.

Where LLVM loads it, that takes a tenth of a second and 50 MB; a small landing does without both.
"""

import importlib

from dagster_project.formats.native.scanning.scanner import Compiled

_library: Compiled | None = None


def load() -> None:
    """Load it, if it has been compiled for this machine; nothing happens where it has not."""
    global _library
    if _library is None:
        library = importlib.import_module("dagster_project.formats.native.scanning.library")
        _library = library.compiled_library()


def compiled() -> Compiled | None:
    """None where it is not loaded."""
    return _library
