{{ config(materialized='incremental') }}

with

runs as (

    select * from {{ ref('int_run_facts') }}

),

tool_calls as (

    select * from {{ ref('int_tool_calls') }}

),

placed_calls as (

    select
        runs.organization_id,
        runs.run_id,
        runs.event_date,
        runs.termination,
        tool_calls.tool_call_id,
        tool_calls.tool_name,
        tool_calls.arguments_sha256,
        tool_calls.status,
        tool_calls.seq
    from tool_calls
    inner join runs
        on
            tool_calls.organization_id = runs.organization_id
            and tool_calls.run_id = runs.run_id
    where tool_calls.seq is not null

),

ordered_calls as (

    select
        *,
        row_number() over (run_order) as place,
        row_number() over (call_order) as place_of_its_kind,
        lag(tool_name || '/' || arguments_sha256, 1) over (run_order) as call_before,
        lag(tool_name || '/' || arguments_sha256, 2) over (run_order) as second_call_before
    from placed_calls
    where
        tool_name is not null
        and arguments_sha256 is not null
    window
        run_order as (partition by organization_id, run_id order by seq, tool_call_id),
        call_order as (
            partition by organization_id, run_id, tool_name, arguments_sha256 order by seq, tool_call_id
        )

),

-- Equal calls in a row keep the difference of their two places.
streaks as (

    select
        organization_id,
        run_id,
        event_date,
        'repeated_call' as signal,
        tool_name,
        count(*) as evidence_count,
        min(seq) as first_seq,
        max(seq) as last_seq
    from ordered_calls
    group by organization_id, run_id, event_date, tool_name, arguments_sha256, place - place_of_its_kind
    having count(*) >= 3

),

alternations as (

    select
        organization_id,
        run_id,
        event_date,
        'alternating_calls' as signal,
        min(tool_name) as tool_name,
        count(*) as evidence_count,
        min(seq) as first_seq,
        max(seq) as last_seq
    from ordered_calls
    where
        tool_name || '/' || arguments_sha256 = second_call_before
        and tool_name || '/' || arguments_sha256 <> call_before
    group by organization_id, run_id, event_date
    having count(*) >= 4

),

last_calls as (

    select
        *,
        row_number() over (
            partition by organization_id, run_id, tool_name order by seq desc, tool_call_id desc
        ) as place_from_end
    from placed_calls
    where
        status is not null
        and termination = 'completed'

),

-- The run ended by itself, and the last it heard of the tool was an error.
ignored_errors as (

    select
        organization_id,
        run_id,
        event_date,
        'ignored_tool_error' as signal,
        min(tool_name) as tool_name,
        count(*) as evidence_count,
        min(seq) as first_seq,
        max(seq) as last_seq
    from last_calls
    where
        place_from_end = 1
        and status = 'error'
    group by organization_id, run_id, event_date

),

call_signals as (

    select * from streaks
    union all
    select * from alternations
    union all
    select * from ignored_errors

)

select * from call_signals
