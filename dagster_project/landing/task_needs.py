"""All that a task needs, the shipped maps included: what the server imports that workers are forks of."""

import gc
from pathlib import Path

from dagster_project.formats.registry import load_formats
from dagster_project.landing import decoding, materializing
from dagster_project.settings import Settings

__all__ = ["decoding", "materializing"]

load_formats(Settings(home=Path()))
gc.freeze()  # a worker's collector need not look at what never goes away, nor copy its memory by doing so
