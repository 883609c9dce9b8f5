with

steps as (

    select * from {{ ref('stg_steps') }}

),

runs as (

    select * from {{ ref('int_runs_folded') }}

),

deleted_runs as (

    select * from {{ ref('int_deleted_runs') }}

),

-- Filed under the day of their run, whenever they came themselves.
dated_steps as (

    select
        ---------- ids
        steps.organization_id,
        steps.step_id,
        steps.run_id,
        steps.event_id,
        steps.parent_step_id,
        steps.agent_id,

        ---------- strings
        steps.kind,
        steps.name,
        steps.status,
        steps.error_type,

        ---------- numerics
        steps.seq,
        steps.depth,
        steps.latency_ms,

        ---------- booleans
        runs.run_id is null as is_orphan,

        ---------- dates
        case when runs.run_id is null then steps.event_date else runs.event_date end as event_date,

        ---------- timestamps
        steps.started_at,
        steps.ended_at,
        steps.occurred_at,

        ---------- where it came from
        steps.batch_id,
        steps.source_file_sha256,
        steps.line_number,
        steps.byte_offset,
        steps.byte_length,
        steps.format
    from steps
    left join runs
        on
            steps.organization_id = runs.organization_id
            and steps.run_id = runs.run_id
    left join deleted_runs
        on
            steps.organization_id = deleted_runs.organization_id
            and steps.run_id = deleted_runs.run_id
    where deleted_runs.run_id is null

)

select * from dated_steps
