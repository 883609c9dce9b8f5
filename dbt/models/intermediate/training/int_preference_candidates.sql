with

eligibility as (

    select * from {{ ref('int_training_eligibility') }}

),

sided_runs as (

    select
        organization_id,
        run_id,
        task_hash,
        case when outcome = 'success' then 'chosen' else 'rejected' end as side,
        coalesce(outcome_value, case when outcome = 'success' then 1e0 else 0e0 end) as worth
    from eligibility
    where pair_refusal is null

),

counted_sides as (

    select
        *,
        sum(case when side = 'chosen' then 1 else 0 end) over (
            partition by organization_id, task_hash
        ) as chosen_count,
        sum(case when side = 'rejected' then 1 else 0 end) over (
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
        case when chosen_count = 0 or rejected_count = 0 then 'no_opposite_outcome' end as refusal
    from counted_sides

)

select * from candidates
