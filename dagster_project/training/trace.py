"""Where an exported row, a run or an error came from: the stretches of source bytes it was made of."""

from dataclasses import dataclass
from typing import Any

import duckdb

from dagster_project.errors import UsageError
from dagster_project.publishing.read import open_published
from dagster_project.settings import Settings


@dataclass(frozen=True, kw_only=True)
class Origin:
    """A stretch of a landed file, and what of the run is in it (run, message, tool_call or error)."""

    organization_id: str
    run_id: str | None
    records: tuple[str, ...]
    format: str
    source_path: str
    source_file_sha256: str
    line_number: int | None
    byte_offset: int
    byte_length: int


@dataclass(frozen=True, kw_only=True)
class Found:
    """What an id names: `kind` is sft_example, preference_pair, run or error. Of a pair, chosen comes first."""

    kind: str
    organization_id: str
    run_ids: tuple[str, ...]
    origins: tuple[Origin, ...]


# Each finds (kind, organization_id, run ids) of an id; ids are parameters, never text.
_LOOKUPS: tuple[str, ...] = (
    "select 'sft_example', organization_id, [run_id] from sft_examples where lineage_id = $id",
    "select 'preference_pair', organization_id, [chosen_run_id, rejected_run_id] "
    "from preference_pairs where lineage_id = $id",
    "select 'unpaired_example', organization_id, [run_id] from unpaired_examples where lineage_id = $id",
    "select 'task_prompt', organization_id, [run_id] from task_prompts where lineage_id = $id",
    "select 'run', organization_id, [run_id] from agent_runs where run_id = $id",
    "select distinct 'error', organization_id, [] from error_occurrences where error_id = $id or fingerprint = $id",
)

_RUN_ORIGINS = """
    with sources as (
        select 'run' as record, organization_id, run_id, batch_id, source_file_sha256, line_number, byte_offset,
            byte_length, format
        from agent_runs where organization_id = $organization_id and run_id = $run_id
        union all
        select 'message', organization_id, run_id, batch_id, source_file_sha256, line_number, byte_offset,
            byte_length, format
        from messages where organization_id = $organization_id and run_id = $run_id
        union all
        select 'tool_call', organization_id, run_id, batch_id, source_file_sha256, line_number, byte_offset,
            byte_length, format
        from tool_calls where organization_id = $organization_id and run_id = $run_id
    )
"""

_ERROR_ORIGINS = """
    with sources as (
        select 'error' as record, organization_id, run_id, batch_id, source_file_sha256, line_number, byte_offset,
            byte_length, format
        from error_occurrences
        where organization_id = $organization_id and (error_id = $id or fingerprint = $id)
    )
"""

_ORIGINS = """
    select
        sources.organization_id, sources.run_id,
        list(distinct sources.record order by sources.record) as records,
        min(sources.format) as format, min(landing_ledger.source_path) as source_path, sources.source_file_sha256,
        sources.line_number, sources.byte_offset, sources.byte_length
    from sources
    inner join landing_ledger on sources.batch_id = landing_ledger.batch_id
    group by all
    order by source_path, sources.source_file_sha256, sources.byte_offset
"""


def find_origins(settings: Settings, identifier: str, *, organization: str | None = None) -> list[Found]:
    """Everything the id names, each with the bytes it came from, ordered by kind and organization.

    Raises UsageError when the published snapshot knows no such id.
    """
    with open_published(settings) as published:
        named = [
            (kind, organization_id, run_ids)
            for lookup in _LOOKUPS
            for kind, organization_id, run_ids in published.execute(lookup, {"id": identifier}).fetchall()
            if organization is None or organization_id == organization
        ]
        if not named:
            within = f" of organization {organization!r}" if organization else ""
            raise UsageError(
                f"The published snapshot has no training example, run or error{within} with the id {identifier!r}.",
                remedy='Ids are exact; `reliability query "select run_id from agent_runs"` lists those of runs.',
            )
        return [_found(published, identifier, *one) for one in sorted(named, key=lambda one: one[:2])]


def _found(
    published: duckdb.DuckDBPyConnection, identifier: str, kind: str, organization_id: str, run_ids: list[str]
) -> Found:
    if kind == "error":
        origins = _origins(published, _ERROR_ORIGINS, organization_id=organization_id, id=identifier)
        run_ids = sorted({origin.run_id for origin in origins if origin.run_id is not None})
    else:
        origins = [
            origin
            for run_id in run_ids
            for origin in _origins(published, _RUN_ORIGINS, organization_id=organization_id, run_id=run_id)
        ]
    return Found(kind=kind, organization_id=organization_id, run_ids=tuple(run_ids), origins=tuple(origins))


def _origins(published: duckdb.DuckDBPyConnection, sources: str, **ids: Any) -> list[Origin]:
    result = published.execute(sources + _ORIGINS, ids)
    names = [column[0] for column in result.description]
    rows: list[dict[str, Any]] = [dict(zip(names, row, strict=True)) for row in result.fetchall()]
    for row in rows:
        row["records"] = tuple(row["records"])
    return [Origin(**row) for row in rows]
