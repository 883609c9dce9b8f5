{{ config(materialized='view') }}

{% set tokens = [
    'input_uncached_tokens',
    'input_cache_read_tokens',
    'input_cache_write_tokens',
    'output_visible_tokens',
    'output_reasoning_tokens',
] %}

with

llm_calls as (

    select * from {{ ref('stg_llm_calls') }}

),

-- Claude Code's call ids are the provider's, unique everywhere: a session that resumes or forks another
-- repeats its lines, so there a call counts once among all runs. Elsewhere an id means something within
-- its run alone.
identified_calls as (

    select
        *,
        case when format in ('claude-code', 'claude-code-export') then '' else run_id end as counted_within
    from llm_calls

),

-- Claude Code writes one response as several lines, each with the usage of the whole so far: the same call,
-- recorded again. Most calls are recorded once: only the others pay for ordering.
repeated_calls as (

    select
        organization_id,
        counted_within,
        llm_call_id
    from identified_calls
    where llm_call_id is not null
    group by 1, 2, 3
    having count(*) > 1

),

single_calls as (

    select
        identified_calls.*,
        1 as position
    from identified_calls
    left join repeated_calls
        on
            identified_calls.organization_id = repeated_calls.organization_id
            and identified_calls.counted_within = repeated_calls.counted_within
            and identified_calls.llm_call_id = repeated_calls.llm_call_id
    where repeated_calls.llm_call_id is null

),

ordered_calls as (

    select
        identified_calls.*,
        row_number() over (
            partition by
                identified_calls.organization_id,
                identified_calls.counted_within,
                identified_calls.llm_call_id
            order by
                identified_calls.output_visible_tokens desc nulls last,
                identified_calls.input_uncached_tokens desc nulls last,
                case when identified_calls.finish_reason is null then 1 else 0 end,
                identified_calls.occurred_at desc nulls last,
                identified_calls.event_id desc
        ) as position
    from identified_calls
    inner join repeated_calls
        on
            identified_calls.organization_id = repeated_calls.organization_id
            and identified_calls.counted_within = repeated_calls.counted_within
            and identified_calls.llm_call_id = repeated_calls.llm_call_id

),

positioned_calls as (

    select * from single_calls
    union all
    select * from ordered_calls

),

-- What is counted elsewhere is not counted here, whoever adds it up.
counted_calls as (

    select
        ---------- ids
        organization_id,
        event_id,
        llm_call_id,
        run_id,
        step_id,

        ---------- strings
        provider,
        request_model,
        response_model,
        finish_reason,
        usage_convention,

        ---------- numerics
        seq,
        temperature,
        max_tokens,
        ttft_ms,
        latency_ms,
        retries,
        {% for column in tokens + ['provider_cost_usd'] %}
            case when position = 1 then {{ column }} end as {{ column }},
        {% endfor %}

        ---------- booleans
        position > 1 as is_repeat,

        ---------- dates
        event_date,

        ---------- timestamps
        occurred_at,

        ---------- where it came from
        batch_id,
        source_file_sha256,
        unit_number,
        line_number,
        byte_offset,
        byte_length,
        format,
        format_version
    from positioned_calls

)

select * from counted_calls
