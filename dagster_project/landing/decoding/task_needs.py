"""All that most tasks need: what the server imports that workers are forks of."""

import gc
import sys
from collections.abc import Sequence

import pyarrow as pa

from dagster_project.formats.usual import load_compiled
from dagster_project.landing import judging
from dagster_project.landing.decoding import chunk_decoding
from dagster_project.landing.writing import materializing

__all__ = ["chunk_decoding", "judging", "materializing"]


class _WithoutPandas:
    """Finds no pandas, whether or not it is there."""

    def find_spec(self, name: str, path: Sequence[str] | None = None, target: object = None) -> None:
        if name == "pandas":
            raise ModuleNotFoundError("tasks do without pandas", name=name)


def _do_without_pandas() -> None:
    """Arrow looks for pandas once, at its first value from Python; importing it takes as long as 30,000 lines."""
    finder = _WithoutPandas()
    sys.meta_path.insert(0, finder)
    try:
        pa.scalar(0)
    finally:
        sys.meta_path.remove(finder)


_do_without_pandas()
load_compiled()
gc.enable()  # see `uncollected`
gc.freeze()  # a worker's collector need not look at what never goes away, nor copy its memory by doing so
