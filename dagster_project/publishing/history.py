"""Which models keep history right when a build derives a slice of the dates only, and which are its workshop alone.

What is made of a slice is a slice, unless the model is incremental: then the rows of the other dates stay. A mart
that is a slice would lose them, so a project with such a mart is built whole every time.
"""

from pathlib import Path

import msgspec

from dagster_project.publishing.slices import SLICED_TABLES

_SLICED_SOURCES = frozenset(
    {("landed", table) for table in SLICED_TABLES} | {("declared", "affected_dates"), ("declared", "affected_runs")}
)


class _DependsOn(msgspec.Struct):
    nodes: list[str] = []


class _Meta(msgspec.Struct):
    kept_by_date: bool = False


class _Config(msgspec.Struct):
    materialized: str | None = None
    meta: _Meta = msgspec.field(default_factory=_Meta)


class _Node(msgspec.Struct):
    resource_type: str
    name: str
    schema: str
    config: _Config = msgspec.field(default_factory=_Config)
    depends_on: _DependsOn = msgspec.field(default_factory=_DependsOn)
    columns: dict[str, msgspec.Raw] = {}


class _Source(msgspec.Struct):
    source_name: str
    name: str


class _Manifest(msgspec.Struct):
    nodes: dict[str, _Node]
    sources: dict[str, _Source]


def marts_without_history(target: Path) -> list[str] | None:
    """Marts that would hold the slice alone, by dbt's last manifest in `target`; None when there is no manifest."""
    manifest = _read_manifest(target)
    if manifest is None:
        return None
    models = {key: node for key, node in manifest.nodes.items() if node.resource_type in ("model", "snapshot")}
    slices = {key for key, source in manifest.sources.items() if (source.source_name, source.name) in _SLICED_SOURCES}
    grown = True
    while grown:
        more = {
            key
            for key, node in models.items()
            if node.config.materialized != "incremental" and slices.intersection(node.depends_on.nodes)
        }
        grown = not more <= slices
        slices |= more
    return sorted(models[key].name for key in slices & models.keys() if models[key].schema == "marts")


def marts_by_date(target: Path) -> frozenset[str]:
    """Marts of which a build changes rows of the dates it derives and no other, by the same manifest.

    They are incremental, or, with `meta: {kept_by_date: true}`, all rows of a model that is.
    """
    manifest = _read_manifest(target)
    models = [node for node in manifest.nodes.values() if node.resource_type == "model"] if manifest else []
    return frozenset(
        model.name
        for model in models
        if model.schema == "marts" and (model.config.materialized == "incremental" or model.config.meta.kept_by_date)
    )


def columns_of_marts(target: Path) -> dict[str, list[str]]:
    """The columns of each mart in the order of its contract, by the same manifest."""
    manifest = _read_manifest(target)
    nodes = manifest.nodes.values() if manifest else ()
    return {node.name: list(node.columns) for node in nodes if node.resource_type == "model" and node.schema == "marts"}


def tables_left_behind(target: Path) -> list[str]:
    """Tables of the workshop that no build and no reader asks for once all models are made, by the same manifest.

    Those that keep history are carried on, and marts that are views are read through what they are made of.
    """
    manifest = _read_manifest(target)
    models = {key: node for key, node in manifest.nodes.items() if node.resource_type == "model"} if manifest else {}
    read, asked = set(), [key for key, node in models.items() if node.schema == "marts"]
    while asked:
        key = asked.pop()
        if key not in read:
            read.add(key)
            asked += models[key].depends_on.nodes if models[key].config.materialized == "view" else []
        asked = [key for key in asked if key in models]
    return sorted(
        f'"{node.schema}"."{node.name}"'
        for key, node in models.items()
        if node.schema == "intermediate" and node.config.materialized == "table" and key not in read
    )


def _read_manifest(target: Path) -> _Manifest | None:
    file = target / "manifest.json"
    return msgspec.json.decode(file.read_bytes(), type=_Manifest) if file.exists() else None
