{{ config(materialized='view') }}

with

runs as (

    select * from {{ ref('int_runs') }}

),

affected_dates as (

    select * from {{ ref('stg_affected_dates') }}

),

-- Of all of history, as a day by the clocks of its organization holds runs that are filed under two dates.
dated_runs as (

    select
        runs.organization_id,
        runs.agent_id,
        runs.capability,
        runs.local_date as event_date,
        runs.suite_id,
        runs.suite_version,
        runs.task_id,
        runs.retry_of_run_id,
        runs.population,
        runs.score,
        runs.latency_ms,
        runs.working_ms,
        runs.cost_usd,
        runs.input_tokens,
        runs.output_tokens,
        runs.retry_count,
        runs.unpriced_call_count,
        runs.is_success,
        runs.is_hallucinated,
        runs.has_open_dispute
    from runs
    inner join affected_dates on runs.local_date is not distinct from affected_dates.event_date

)

select * from dated_runs
