"""Map files: the ones shipped with the package and a person's own."""

import hashlib
from functools import cache
from pathlib import Path

import msgspec

from dagster_project.declarations.documents import convert, read_yaml
from dagster_project.errors import UsageError
from dagster_project.formats.mapped.checks import check_map
from dagster_project.formats.mapped.schema import Map

SHIPPED = Path(__file__).resolve().parents[1] / "maps"


def read_map(path: Path, *, is_shipped: bool = False) -> Map:
    """The map in the file. Raises UsageError naming the key, what was expected and the nearest valid name."""
    value = read_yaml(path, is_shipped=is_shipped)
    if not isinstance(value, dict):
        raise UsageError(f"{path}: expected keys such as 'name' and 'framing'.", remedy="See docs/formats.md.")
    document = convert(value, Map, path=path)
    check_map(document, path=path)
    return document


@cache
def shipped_maps() -> tuple[Map, ...]:
    """The maps that come with the package, by name."""
    return tuple(read_map(path, is_shipped=True) for path in sorted(SHIPPED.glob("*.yaml")))


def map_sha256(document: Map) -> str:
    """Identity of what the map says, whatever its layout."""
    return hashlib.sha256(msgspec.json.encode(document, order="sorted")).hexdigest()
