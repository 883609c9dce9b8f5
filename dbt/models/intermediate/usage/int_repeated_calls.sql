with

llm_calls as (

    select * from {{ ref('stg_llm_calls') }}

),

deleted_runs as (

    select * from {{ ref('int_deleted_runs') }}

),

-- Claude Code's call ids are the provider's, unique everywhere: a session that resumes or forks another
-- repeats its lines, so there a call counts once among all runs. Elsewhere an id means something within
-- its run alone. A deleted session takes none away from those that are left.
identified_calls as (

    select
        llm_calls.organization_id,
        llm_calls.event_date,
        llm_calls.event_id,
        llm_calls.llm_call_id,
        llm_calls.output_visible_tokens,
        llm_calls.input_uncached_tokens,
        llm_calls.finish_reason,
        llm_calls.occurred_at,
        case when llm_calls.format in ('claude-code', 'claude-code-export') then '' else llm_calls.run_id end
            as counted_within
    from llm_calls
    left join deleted_runs
        on
            llm_calls.organization_id = deleted_runs.organization_id
            and llm_calls.run_id = deleted_runs.run_id
    where
        llm_calls.llm_call_id is not null
        and deleted_runs.run_id is null

),

repeated_ids as (

    select
        organization_id,
        counted_within,
        llm_call_id
    from identified_calls
    group by 1, 2, 3
    having count(*) > 1

),

-- Claude Code writes one response as several lines, each with the usage of the whole so far.
positioned_calls as (

    select
        calls.organization_id,
        calls.event_date,
        calls.event_id,
        row_number() over (
            partition by calls.organization_id, calls.counted_within, calls.llm_call_id
            order by
                calls.output_visible_tokens desc nulls last,
                calls.input_uncached_tokens desc nulls last,
                case when calls.finish_reason is null then 1 else 0 end,
                calls.occurred_at desc nulls last,
                calls.event_id desc
        ) as position
    from identified_calls as calls
    inner join repeated_ids
        on
            calls.organization_id = repeated_ids.organization_id
            and calls.counted_within = repeated_ids.counted_within
            and calls.llm_call_id = repeated_ids.llm_call_id

)

select * from positioned_calls
