with

runs as (

    select * from {{ ref('int_runs') }}

),

eligibility as (

    select * from {{ ref('int_training_eligibility') }}

),

sided_runs as (

    select
        runs.organization_id,
        runs.run_id,
        eligibility.task_hash,
        case
            when runs.outcome = 'success' then 'chosen'
            when runs.outcome = 'failure' and runs.population = 'scored' then 'rejected'
        end as side,
        case
            when runs.outcome = 'success' then coalesce(runs.outcome_value, 1e0)
            when runs.outcome = 'failure' then coalesce(runs.outcome_value, 0e0)
        end as worth,
        case
            when
                runs.outcome = 'failure'
                and (runs.population = 'infra' or coalesce(runs.attribution = 'infra', false))
                then 'infrastructure_failure'
            when runs.outcome not in ('success', 'failure') or runs.population <> 'scored'
                then 'neither_success_nor_failure'
            else eligibility.refusal
        end as refusal
    from runs
    inner join eligibility
        on
            runs.organization_id = eligibility.organization_id
            and runs.run_id = eligibility.run_id

),

counted_sides as (

    select
        *,
        sum(case when refusal is null and side = 'chosen' then 1 else 0 end) over (
            partition by organization_id, task_hash
        ) as chosen_count,
        sum(case when refusal is null and side = 'rejected' then 1 else 0 end) over (
            partition by organization_id, task_hash
        ) as rejected_count
    from sided_runs

),

candidates as (

    select
        organization_id,
        run_id,
        task_hash,
        side,
        worth,
        case
            when refusal is null and (chosen_count = 0 or rejected_count = 0) then 'no_opposite_outcome'
            else refusal
        end as refusal
    from counted_sides

)

select * from candidates
