"""Hiring signals: what whoever hires agents needs of each, in one table and one document. Figures and ids, no text.

One row per organization, agent, capability and window: hiring score, standing, success rate with its interval and n,
and how many versions of the agent there have been.
"""

import datetime as dt
from pathlib import Path

import msgspec

from dagster_project.training.artifacts.published import Published, write_json, write_parquet

SCHEMA = "hiring-signals/1"

# A version is known where a log names it; versions count in the order in which they first ran.
_SIGNALS = """
    with first_runs as (
        select organization_id, agent_id, agent_version, min(coalesce(started_at, occurred_at)) as first_at
        from agent_runs
        where agent_version is not null
        group by all
    ),
    versions as (
        select *,
            row_number() over (
                partition by organization_id, agent_id order by first_at nulls first, agent_version
            ) as generation
        from first_runs
    ),
    newest as (
        select organization_id, agent_id, max(generation) as generation, arg_max(agent_version, generation) as version
        from versions
        group by all
    ),
    parents as (
        select newest.organization_id, newest.agent_id, versions.agent_version as parent_version
        from newest
        inner join versions
            on newest.organization_id = versions.organization_id
            and newest.agent_id = versions.agent_id
            and versions.generation = newest.generation - 1
    )
    select
        hiring.organization_id, hiring.agent_id, hiring.capability, hiring.window_name, build.as_of,
        hiring.hiring_score, hiring.hiring_score_low, hiring.score_complete,
        hiring.success_rate, hiring.success_rate_low, hiring.scored_run_count,
        hiring.hallucination_rate, hiring.hallucination_judged_count,
        hiring.percentile_rank, hiring.percentile_rank_low,
        standing.gate, standing.gate_reason, standing.place, standing.cohort_size, standing.reliability_score,
        newest.version as agent_version, parents.parent_version, newest.generation
    from hiring_scores as hiring
    left join agent_leaderboard as standing
        using (organization_id, agent_id, capability, window_name)
    left join newest using (organization_id, agent_id)
    left join parents using (organization_id, agent_id)
    left join (select organization_id, max(as_of) as as_of from warehouse_build group by all) as build
        on coalesce(build.organization_id, hiring.organization_id) = hiring.organization_id
    order by hiring.organization_id, hiring.capability, hiring.window_name, hiring.agent_id
"""


class Signal(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of an agent's worth for one capability in one window; unknown is null."""

    organization_id: str
    agent_id: str
    capability: str
    window_name: str
    as_of: dt.date | None
    hiring_score: float | None
    hiring_score_low: float | None
    score_complete: bool | None
    success_rate: float | None
    success_rate_low: float | None
    scored_run_count: int
    hallucination_rate: float | None
    hallucination_judged_count: int
    percentile_rank: float | None
    percentile_rank_low: float | None
    gate: str | None
    gate_reason: str | None
    place: int | None
    cohort_size: int | None
    reliability_score: float | None
    agent_version: str | None
    parent_version: str | None
    generation: int | None


class Signals(msgspec.Struct, frozen=True, kw_only=True):
    """The document hiring_signals.json."""

    schema: str
    build_id: str
    snapshot_sha256: str
    signals: list[Signal]


def write_hiring_signals(published: Published, folder: Path) -> dict[str, int]:
    """Write hiring_signals.parquet, the same as JSON, and its JSON Schema; how many signals."""
    document = Signals(
        schema=SCHEMA,
        build_id=published.build_id,
        snapshot_sha256=published.snapshot_sha256,
        signals=published.structs(Signal, _SIGNALS),
    )
    write_json(document, folder / "hiring_signals.json")
    write_json(msgspec.json.schema(Signals), folder / "schema.json")
    return {"signals": write_parquet(published.table(_SIGNALS), folder / "hiring_signals.parquet")}
