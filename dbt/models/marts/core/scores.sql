with

scores as (

    select * from {{ ref('int_scores') }}

),

runs as (

    select * from {{ ref('int_runs_folded') }}

),

deleted_runs as (

    select * from {{ ref('int_deleted_runs') }}

),

-- Filed under the day of their run, whenever they came themselves.
dated_scores as (

    select
        ---------- ids
        scores.organization_id,
        scores.scored_run_id as run_id,
        scores.score_id,
        scores.event_id,
        scores.target_id,
        scores.supersedes_score_id,

        ---------- strings
        scores.target_type,
        scores.name,
        scores.label,
        scores.scorer,
        scores.scorer_kind,
        scores.output_sha256,

        ---------- numerics
        scores.value,

        ---------- booleans
        scores.is_current,
        runs.run_id is null as is_orphan,

        ---------- dates
        case when runs.run_id is null then scores.event_date else runs.event_date end as event_date,

        ---------- timestamps
        scores.scored_at,
        scores.occurred_at,

        ---------- where it came from
        scores.batch_id,
        scores.source_file_sha256,
        scores.line_number,
        scores.byte_offset,
        scores.byte_length,
        scores.format
    from scores
    left join runs
        on
            scores.organization_id = runs.organization_id
            and scores.scored_run_id = runs.run_id
    left join deleted_runs
        on
            scores.organization_id = deleted_runs.organization_id
            and scores.scored_run_id = deleted_runs.run_id
    where deleted_runs.run_id is null

)

select * from dated_scores
