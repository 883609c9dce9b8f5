"""The formats by name, loaded once for the same settings and maps."""

import functools
import importlib
from collections.abc import Iterator, Mapping
from pathlib import Path

from dagster_project.formats.base import Format
from dagster_project.formats.usual import USUAL, usual_format
from dagster_project.settings import Settings


def format_named(settings: Settings, map_files: tuple[Path, ...], name: str) -> Format:
    """One of these; the usual one without loading the others."""
    usual = None if map_files else _usual_format(settings, name)
    return usual or formats_by_name(settings, map_files)[name]


@functools.lru_cache(maxsize=4)
def _usual_format(settings: Settings, name: str) -> Format | None:
    return usual_format(name, settings)


class _Formats(Mapping[str, Format]):
    """Every format by name, in detection order; the usual one comes first, and is had without loading the others."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def __getitem__(self, name: str) -> Format:
        return _usual_format(self._settings, name) or self._all()[name]

    def __iter__(self) -> Iterator[str]:
        yield USUAL
        yield from (name for name in self._all() if name != USUAL)

    def __len__(self) -> int:
        return len(self._all())

    def _all(self) -> dict[str, Format]:
        return _formats_by_name(self._settings, (), ())


def formats_by_name(settings: Settings, map_files: tuple[Path, ...]) -> Mapping[str, Format]:
    """Every format, in detection order. A map that was edited since is read anew; UsageError when one is wrong."""
    if not map_files:
        return _Formats(settings)
    return _formats_by_name(settings, map_files, tuple(_content(path) for path in map_files))


@functools.lru_cache(maxsize=4)
def _formats_by_name(
    settings: Settings, map_files: tuple[Path, ...], _contents: tuple[bytes, ...]
) -> dict[str, Format]:
    registry = importlib.import_module("dagster_project.formats.registry")  # a worker may do without
    return {format.name: format for format in registry.load_formats(settings, map_files=map_files)}


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        return b""  # loading says what is wrong with it
