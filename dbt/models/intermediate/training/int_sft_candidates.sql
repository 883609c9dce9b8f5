with

runs as (

    select * from {{ ref('int_runs') }}

),

eligibility as (

    select * from {{ ref('int_training_eligibility') }}

),

thresholds as (

    select * from {{ ref('stg_declared_thresholds') }}

),

successes as (

    select
        runs.organization_id,
        runs.run_id,
        eligibility.task_hash,
        eligibility.verification_rank,
        runs.cost_usd,
        runs.latency_ms,
        coalesce(runs.tool_error_count, 0) + coalesce(runs.retry_count, 0) as warning_count
    from runs
    inner join eligibility
        on
            runs.organization_id = eligibility.organization_id
            and runs.run_id = eligibility.run_id
    where eligibility.sft_refusal is null

),

-- The best of a task first; what nobody measured comes after what somebody did.
ranked_runs as (

    select
        *,
        row_number() over (
            partition by organization_id, task_hash
            order by
                verification_rank, warning_count, cost_usd nulls last, latency_ms nulls last, run_id
        ) as task_rank
    from successes

),

candidates as (

    select
        ranked_runs.organization_id,
        ranked_runs.run_id,
        ranked_runs.task_hash,
        ranked_runs.verification_rank,
        ranked_runs.warning_count,
        ranked_runs.cost_usd,
        ranked_runs.task_rank,
        case
            when ranked_runs.task_rank > coalesce(thresholds.value, 1e0) then 'not_best_of_task'
        end as refusal
    from ranked_runs
    left join thresholds on thresholds.name = 'export_task_cap'

)

select * from candidates
