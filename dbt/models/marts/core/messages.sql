with

messages as (

    select * from {{ ref('stg_messages') }}

),

runs as (

    select * from {{ ref('int_runs_folded') }}

),

deleted_runs as (

    select * from {{ ref('int_deleted_runs') }}

),

-- Filed under the day of their run, whenever they came themselves.
dated_messages as (

    select
        ---------- ids
        messages.organization_id,
        messages.run_id,
        messages.event_id,

        ---------- strings
        messages.role,
        messages.content_sha256,
        messages.tool_call_ids,

        ---------- numerics
        messages.seq,
        messages.content_bytes,

        ---------- booleans
        runs.run_id is null as is_orphan,

        ---------- dates
        case when runs.run_id is null then messages.event_date else runs.event_date end as event_date,

        ---------- timestamps
        messages.occurred_at,

        ---------- where it came from
        messages.batch_id,
        messages.source_file_sha256,
        messages.line_number,
        messages.byte_offset,
        messages.byte_length,
        messages.format
    from messages
    left join runs
        on
            messages.organization_id = runs.organization_id
            and messages.run_id = runs.run_id
    left join deleted_runs
        on
            messages.organization_id = deleted_runs.organization_id
            and messages.run_id = deleted_runs.run_id
    where deleted_runs.run_id is null

)

select * from dated_messages
