with

llm_calls as (

    select * from {{ ref('int_llm_calls') }}

),

runs as (

    select * from {{ ref('int_runs_folded') }}

),

deleted_runs as (

    select * from {{ ref('int_deleted_runs') }}

),

-- Filed under the day of their run, whenever they came themselves.
dated_llm_calls as (

    select
        ---------- ids
        llm_calls.organization_id,
        llm_calls.llm_call_id,
        llm_calls.run_id,
        llm_calls.event_id,
        llm_calls.step_id,

        ---------- strings
        llm_calls.provider,
        llm_calls.request_model,
        llm_calls.response_model,
        llm_calls.finish_reason,
        llm_calls.usage_convention,

        ---------- numerics
        llm_calls.seq,
        llm_calls.temperature,
        llm_calls.max_tokens,
        llm_calls.ttft_ms,
        llm_calls.latency_ms,
        llm_calls.retries,
        llm_calls.input_uncached_tokens,
        llm_calls.input_cache_read_tokens,
        llm_calls.input_cache_write_tokens,
        llm_calls.output_visible_tokens,
        llm_calls.output_reasoning_tokens,
        llm_calls.provider_cost_usd,

        ---------- booleans
        llm_calls.is_repeat,
        runs.run_id is null as is_orphan,

        ---------- dates
        case when runs.run_id is null then llm_calls.event_date else runs.event_date end as event_date,

        ---------- timestamps
        llm_calls.occurred_at,

        ---------- where it came from
        llm_calls.batch_id,
        llm_calls.source_file_sha256,
        llm_calls.line_number,
        llm_calls.byte_offset,
        llm_calls.byte_length,
        llm_calls.format
    from llm_calls
    left join runs
        on
            llm_calls.organization_id = runs.organization_id
            and llm_calls.run_id = runs.run_id
    left join deleted_runs
        on
            llm_calls.organization_id = deleted_runs.organization_id
            and llm_calls.run_id = deleted_runs.run_id
    where deleted_runs.run_id is null

)

select * from dated_llm_calls
