with

runs as (

    select * from {{ ref('int_runs') }}

),

eligibility as (

    select * from {{ ref('int_training_eligibility') }}

),

refused_runs as (

    select
        runs.organization_id,
        runs.run_id,
        eligibility.task_hash,
        eligibility.verification_rank,
        runs.cost_usd,
        runs.latency_ms,
        coalesce(runs.tool_error_count, 0) + coalesce(runs.retry_count, 0) as warning_count,
        case
            when not coalesce(runs.is_success, false) then 'not_successful'
            else eligibility.refusal
        end as refusal
    from runs
    inner join eligibility
        on
            runs.organization_id = eligibility.organization_id
            and runs.run_id = eligibility.run_id

),

-- The best of a task first; what nobody measured comes after what somebody did.
ranked_runs as (

    select
        *,
        case
            when refusal is null
                then row_number() over (
                    partition by organization_id, task_hash, refusal is null
                    order by
                        verification_rank, warning_count, cost_usd nulls last, latency_ms nulls last, run_id
                )
        end as task_rank
    from refused_runs

),

candidates as (

    select
        organization_id,
        run_id,
        task_hash,
        verification_rank,
        warning_count,
        cost_usd,
        latency_ms,
        task_rank,
        case when task_rank > 1 then 'not_best_of_task' else refusal end as refusal
    from ranked_runs

)

select * from candidates
