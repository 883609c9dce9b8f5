"""Every measurement begins with nothing landed."""

import shutil
from pathlib import Path


def fresh(home: Path) -> Path:
    """The folder's path, with what an earlier round left there removed."""
    if home.exists():
        shutil.rmtree(home)
    return home
