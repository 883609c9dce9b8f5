"""Which declared variant was made from which: every parent is declared, and nobody descends from itself."""

from pathlib import Path
from typing import Any

from dagster_project.declarations import documents
from dagster_project.errors import UsageError

Row = dict[str, Any]
Variant = tuple[str | None, str]
"""A variant's suite_id (None: any) and variant_id."""


def with_lineage(rows: list[Row], *, path: Path) -> list[Row]:
    """The rows of the variants with their generation and what they changed.

    A parent is looked for in the variant's own suite, then among the variants of any suite. Raises UsageError where it
    is not declared, or descends from the variant.
    """
    parents: dict[Variant, Variant | None] = {}
    dimensions: dict[Variant, dict[str, str]] = {}
    for row in rows:
        dimensions.setdefault((row["suite_id"], row["variant_id"]), {})[row["dimension"]] = row["value"]
    for row in rows:
        variant = (row["suite_id"], row["variant_id"])
        parents[variant] = _parent(row, dimensions, path=path)
    found = []
    for row in rows:
        variant = (row["suite_id"], row["variant_id"])
        parent = parents[variant]
        changed = None if parent is None else dimensions[parent].get(row["dimension"]) != row["value"]
        generation = len(_ancestors(variant, parents, path=path))
        found.append({**row, "generation": generation, "is_changed_from_parent": changed})
    return found


def _parent(row: Row, declared: dict[Variant, dict[str, str]], *, path: Path) -> Variant | None:
    name = row["parent_variant_id"]
    if name is None:
        return None
    for suite_id in (row["suite_id"], None):
        if (suite_id, name) in declared:
            return suite_id, name
    raise UsageError(
        f"{path}: the parent '{name}' of the variant '{row['variant_id']}' is not declared.",
        remedy=documents.closest(name, [variant_id for _, variant_id in declared]),
    )


def _ancestors(variant: Variant, parents: dict[Variant, Variant | None], *, path: Path) -> list[Variant]:
    """From the parent to the root."""
    found: list[Variant] = []
    ancestor = parents[variant]
    while ancestor is not None:
        found.append(ancestor)
        if ancestor == variant or ancestor in found[:-1]:
            raise UsageError(
                f"{path}: the variant '{variant[1]}' descends from '{ancestor[1]}', which descends from itself.",
                remedy="Leave out the parent_variant_id of the first of them.",
            )
        ancestor = parents[ancestor]
    return found
