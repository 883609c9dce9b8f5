with

tool_calls as (

    select * from {{ ref('int_tool_calls') }}

),

runs as (

    select * from {{ ref('int_runs_folded') }}

),

deleted_runs as (

    select * from {{ ref('int_deleted_runs') }}

),

-- Filed under the day of their run, whenever they came themselves.
dated_tool_calls as (

    select
        ---------- ids
        tool_calls.organization_id,
        tool_calls.tool_call_id,
        tool_calls.run_id,
        tool_calls.event_id,
        tool_calls.step_id,

        ---------- strings
        tool_calls.tool_name,
        tool_calls.arguments_sha256,
        tool_calls.result_sha256,
        tool_calls.status,
        tool_calls.error_type,

        ---------- numerics
        tool_calls.seq,
        tool_calls.latency_ms,

        ---------- booleans
        tool_calls.arguments_valid,
        runs.run_id is null as is_orphan,

        ---------- dates
        case when runs.run_id is null then tool_calls.event_date else runs.event_date end as event_date,

        ---------- timestamps
        tool_calls.occurred_at,

        ---------- where it came from
        tool_calls.batch_id,
        tool_calls.source_file_sha256,
        tool_calls.line_number,
        tool_calls.byte_offset,
        tool_calls.byte_length,
        tool_calls.format
    from tool_calls
    left join runs
        on
            tool_calls.organization_id = runs.organization_id
            and tool_calls.run_id = runs.run_id
    left join deleted_runs
        on
            tool_calls.organization_id = deleted_runs.organization_id
            and tool_calls.run_id = deleted_runs.run_id
    where deleted_runs.run_id is null

)

select * from dated_tool_calls
