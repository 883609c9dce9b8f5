{{ config(materialized='view') }}

with

tool_calls as (

    select * from {{ ref('stg_tool_calls') }}

),

steps as (

    select * from {{ ref('stg_steps') }}

),

silent_calls as (

    select distinct
        organization_id,
        run_id,
        step_id
    from tool_calls
    where
        status is null
        and step_id is not null

),

-- A log that tells the answer on a line of its own tells there how the call ended; of two, an error counts.
answers as (

    select
        silent_calls.organization_id,
        silent_calls.run_id,
        silent_calls.step_id,
        min(steps.status) as status
    from silent_calls
    inner join steps
        on
            silent_calls.organization_id = steps.organization_id
            and silent_calls.run_id = steps.run_id
            and silent_calls.step_id = steps.step_id
    where
        steps.kind = 'tool'
        and steps.status in ('ok', 'error', 'cancelled')
    group by silent_calls.organization_id, silent_calls.run_id, silent_calls.step_id

),

answered_calls as (

    select
        tool_calls.organization_id,
        tool_calls.event_id,
        tool_calls.tool_call_id,
        tool_calls.step_id,
        tool_calls.run_id,
        tool_calls.tool_name,
        tool_calls.arguments_sha256,
        tool_calls.result_sha256,
        coalesce(tool_calls.status, answers.status) as status,
        tool_calls.error_type,
        tool_calls.seq,
        tool_calls.latency_ms,
        tool_calls.arguments_valid,
        tool_calls.event_date,
        tool_calls.occurred_at,
        tool_calls.batch_id,
        tool_calls.source_file_sha256,
        tool_calls.line_number,
        tool_calls.byte_offset,
        tool_calls.byte_length,
        tool_calls.format
    from tool_calls
    left join answers
        on
            tool_calls.organization_id = answers.organization_id
            and tool_calls.run_id = answers.run_id
            and tool_calls.step_id = answers.step_id

)

select * from answered_calls
