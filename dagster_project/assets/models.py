"""dbt's models and tests in Dagster's words: what of the manifest is an asset, and under which asset a test is shown.

A mart is an asset of its own; the staging models together are one, and so are the intermediate ones. Belongs here:
reading the manifest. Does not: building, results.
"""

import graphlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import dagster as dg

from dagster_project.assets.declared import DECLARED_KEY

MARTS = "marts"
STAGING_KEY = dg.AssetKey(["staging", "models"])
_LAYERS = {
    "staging": "Views over what has landed and what is declared, one for each table; nothing is derived here.",
    "intermediate": "What the marts are derived from: runs folded, errors classified, usage, windows, eligibility.",
}


@dataclass(frozen=True)
class Models:
    """A manifest: the asset of each model by its unique id, the assets in flow order, the check of each test."""

    assets: Mapping[str, dg.AssetKey]
    specs: tuple[dg.AssetSpec, ...]
    checks: Mapping[str, dg.AssetCheckSpec]

    @property
    def marts(self) -> list[dg.AssetKey]:
        return sorted(spec.key for spec in self.specs if spec.key.path[0] == MARTS)


def read_models(manifest: Mapping[str, Any]) -> Models:
    """The models of dbt's manifest as assets, its tests as checks of these."""
    models = {name: node for name, node in manifest["nodes"].items() if node["resource_type"] == "model"}
    tests = {name: node for name, node in manifest["nodes"].items() if node["resource_type"] == "test"}
    assets = {name: _model_key(node) for name, node in models.items()}
    assets |= {name: _source_key(source) for name, source in manifest["sources"].items()}
    parents: dict[dg.AssetKey, set[dg.AssetKey]] = {}
    for name, node in models.items():
        read = {assets[parent] for parent in node["depends_on"]["nodes"]}
        parents.setdefault(assets[name], set()).update(read - {assets[name]})
    described = {assets[name]: node for name, node in models.items()}
    return Models(
        assets=assets,
        specs=tuple(_spec(key, described[key], parents[key]) for key in _in_flow_order(parents)),
        checks={name: _check(node, assets) for name, node in tests.items()},
    )


def _in_flow_order(parents: Mapping[dg.AssetKey, set[dg.AssetKey]]) -> list[dg.AssetKey]:
    """Each asset after those it reads: in no other order does Dagster take what a step has made."""
    inside = {key: sorted(parents[key] & parents.keys()) for key in sorted(parents)}
    return list(graphlib.TopologicalSorter(inside).static_order())


def _model_key(node: Mapping[str, Any]) -> dg.AssetKey:
    layer = node["fqn"][1]
    return dg.AssetKey([layer, node["name"] if layer == MARTS else "models"])


def _source_key(source: Mapping[str, Any]) -> dg.AssetKey:
    is_declared = source["source_name"] == "declared"
    return DECLARED_KEY if is_declared else dg.AssetKey([source["source_name"], source["name"]])


def _spec(key: dg.AssetKey, node: Mapping[str, Any], parents: set[dg.AssetKey]) -> dg.AssetSpec:
    layer = key.path[0]
    metadata: dict[str, Any] = {}
    if layer == MARTS:
        columns = [
            dg.TableColumn(column["name"], column.get("data_type") or "", column.get("description"))
            for column in node["columns"].values()
        ]
        metadata = {"dagster/column_schema": dg.TableSchema(columns), "model": node["original_file_path"]}
    return dg.AssetSpec(
        key,
        deps=sorted(parents),
        description=node["description"] if layer == MARTS else _LAYERS[layer],
        group_name=layer,
        kinds={"dbt"},
        metadata=metadata,
    )


def _check(test: Mapping[str, Any], assets: Mapping[str, dg.AssetKey]) -> dg.AssetCheckSpec:
    """A singular test is shown at the first model it reads, a test of a source at the layer that reads sources.

    Not `blocking`: what a failed test blocks is decided by the step of the models, which fails, and with it all that
    follows. A blocking test of a landed table would also have to run before the step that prepares its own database.
    """
    tested = test.get("attached_node") or min(test["depends_on"]["nodes"])  # ids of models sort before those of sources
    asset = assets[tested] if tested.startswith("model.") else STAGING_KEY
    return dg.AssetCheckSpec(test["name"], asset=asset, description=test.get("description") or None)
