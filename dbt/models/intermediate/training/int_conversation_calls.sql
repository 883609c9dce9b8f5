with

turns as (

    select * from {{ ref('int_conversation_turns') }}

),

tool_calls as (

    select * from {{ ref('int_tool_calls') }}

),

named_calls as (

    select
        organization_id,
        run_id,
        seq,
        role,
        position,
        turn_number,
        tool_call_id,
        call_number
    from {{ unnested_list('turns', 'tool_call_ids', 'tool_call_id', 'call_number') }}

),

-- Models reuse call ids within a run (a quarter of tau-bench's runs do): the n-th use of an id is its n-th
-- record.
used_calls as (

    select
        *,
        row_number() over (
            partition by organization_id, run_id, tool_call_id order by position, call_number
        ) as use_number
    from named_calls
    where role = 'assistant'

),

recorded_calls as (

    select
        organization_id,
        run_id,
        tool_call_id,
        tool_name,
        arguments_sha256,
        status,
        row_number() over (
            partition by organization_id, run_id, tool_call_id
            order by seq nulls last, occurred_at nulls last, event_id
        ) as use_number
    from tool_calls

),

answers as (

    select
        organization_id,
        run_id,
        turn_number,
        tool_call_id,
        count(*) as answer_count
    from named_calls
    where role = 'tool'
    group by 1, 2, 3, 4

),

paired_calls as (

    select
        used_calls.organization_id,
        used_calls.run_id,
        used_calls.tool_call_id,
        recorded_calls.tool_name,
        recorded_calls.arguments_sha256,
        recorded_calls.status,
        used_calls.seq,
        used_calls.position,
        used_calls.call_number,
        used_calls.use_number,
        coalesce(answers.answer_count, 0) as answer_count,
        recorded_calls.tool_name is not null and recorded_calls.arguments_sha256 is not null as is_recorded
    from used_calls
    left join recorded_calls
        on
            used_calls.organization_id = recorded_calls.organization_id
            and used_calls.run_id = recorded_calls.run_id
            and used_calls.tool_call_id = recorded_calls.tool_call_id
            and used_calls.use_number = recorded_calls.use_number
    left join answers
        on
            used_calls.organization_id = answers.organization_id
            and used_calls.run_id = answers.run_id
            and used_calls.turn_number = answers.turn_number
            and used_calls.tool_call_id = answers.tool_call_id

)

select * from paired_calls
