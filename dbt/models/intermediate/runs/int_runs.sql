{{ config(materialized='incremental', meta={'lots': {'rows_of': 'int_runs_folded', 'bytes_a_row': 3000}}) }}

with

runs as (

    select * from {{ ref('int_runs_folded') }}
    where {{ in_lot('run_id') }}

),

results as (

    select * from {{ ref('int_run_results') }}
    where {{ in_lot('run_id') }}

),

capabilities as (

    select * from {{ ref('int_run_capabilities') }}
    where {{ in_lot('run_id') }}

),

run_usage as (

    select * from {{ ref('int_run_usage') }}
    where {{ in_lot('run_id') }}

),

activity as (

    select * from {{ ref('int_run_activity') }}
    where {{ in_lot('run_id') }}

),

run_scores as (

    select * from {{ ref('int_run_scores') }}
    where {{ in_lot('run_id') }}

),

-- What the source says of the run as a whole wins over what its parts add up to.
described_runs as (

    select
        ---------- ids
        runs.organization_id,
        runs.run_id,
        runs.event_id,
        runs.agent_id,
        runs.session_id,
        runs.suite_id,
        runs.task_id,
        runs.variant_id,
        runs.parent_run_id,
        runs.retry_of_run_id,
        results.failing_step_id,

        ---------- strings
        runs.agent_version,
        runs.workflow_name,
        runs.provider,
        runs.model,
        coalesce(runs.kind, 'agent') as kind,
        runs.suite_version,
        capabilities.capability,
        runs.time_quality,
        coalesce(runs.termination, 'unknown') as termination,
        runs.error_type,
        coalesce(runs.outcome, 'unscored') as outcome,
        runs.outcome_source,
        results.population,
        results.attribution,
        results.failure_code,
        case
            when runs.cost_usd is not null then coalesce(nullif(runs.cost_source, 'none'), 'provider')
            else coalesce(run_usage.cost_source, 'none')
        end as cost_source,
        runs.message_sha256,
        runs.input_sha256,
        runs.output_sha256,
        runs.git_commit,
        runs.config_hash,
        runs.labels,

        ---------- numerics
        runs.attempt,
        results.score,
        runs.outcome_value,
        runs.confidence,
        case
            when runs.latency_ms is not null then runs.latency_ms
            when coalesce(runs.time_quality, 'exact') = 'exact' and runs.ended_at >= runs.started_at
                then {{ milliseconds_between('runs.started_at', 'runs.ended_at') }}
        end as latency_ms,
        runs.working_ms,
        coalesce(runs.cost_usd, run_usage.cost_usd) as cost_usd,
        run_usage.computed_cost_usd,
        coalesce(runs.input_tokens, run_usage.input_tokens) as input_tokens,
        coalesce(runs.output_tokens, run_usage.output_tokens) as output_tokens,
        coalesce(runs.cache_read_tokens, run_usage.cache_read_tokens) as cache_read_tokens,
        coalesce(runs.cache_write_tokens, run_usage.cache_write_tokens) as cache_write_tokens,
        coalesce(runs.reasoning_tokens, run_usage.reasoning_tokens) as reasoning_tokens,
        coalesce(activity.step_count, runs.step_count) as step_count,
        nullif(run_usage.llm_call_count, 0) as llm_call_count,
        run_usage.unpriced_call_count,
        coalesce(activity.tool_call_count, runs.tool_call_count) as tool_call_count,
        activity.tool_error_count,
        runs.retry_count,
        runs.event_count,

        ---------- booleans
        results.is_success,
        run_scores.is_hallucinated,
        coalesce(run_scores.has_open_dispute, false) as has_open_dispute,

        ---------- dates
        runs.event_date,
        runs.local_date,

        ---------- timestamps
        runs.occurred_at,
        runs.started_at,
        runs.ended_at,

        ---------- where it came from
        runs.batch_id,
        runs.source_file_sha256,
        runs.unit_number,
        runs.line_number,
        runs.byte_offset,
        runs.byte_length,
        runs.format,
        runs.format_version
    from runs
    inner join results
        on
            runs.organization_id = results.organization_id
            and runs.run_id = results.run_id
    inner join capabilities
        on
            runs.organization_id = capabilities.organization_id
            and runs.run_id = capabilities.run_id
    left join run_usage
        on
            runs.organization_id = run_usage.organization_id
            and runs.run_id = run_usage.run_id
    left join activity
        on
            runs.organization_id = activity.organization_id
            and runs.run_id = activity.run_id
    left join run_scores
        on
            runs.organization_id = run_scores.organization_id
            and runs.run_id = run_scores.run_id

)

select * from described_runs
