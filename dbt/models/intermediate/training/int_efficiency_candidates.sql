with

candidates as (

    select * from {{ ref('int_preference_candidates') }}

),

runs as (

    select * from {{ ref('int_runs') }}

),

-- Nobody needs a failure here, so that its absence refuses nothing.
successes as (

    select
        candidates.organization_id,
        candidates.run_id,
        candidates.task_hash,
        runs.cost_usd,
        case when runs.cost_usd is null then 'cost_unknown' end as refusal
    from candidates
    inner join runs
        on
            candidates.organization_id = runs.organization_id
            and candidates.run_id = runs.run_id
    where candidates.side = 'chosen'

),

bounded_successes as (

    select
        *,
        min(cost_usd) over (partition by organization_id, task_hash) as least_cost,
        max(cost_usd) over (partition by organization_id, task_hash) as most_cost
    from successes

),

-- At least a fifth cheaper than the other.
compared_successes as (

    select
        organization_id,
        run_id,
        task_hash,
        cost_usd,
        case
            when refusal is not null then refusal
            when cost_usd * 5 > most_cost * 4 and least_cost * 5 > cost_usd * 4 then 'no_cheaper_success'
        end as refusal,
        row_number() over (
            partition by organization_id, task_hash, refusal is null
            order by cost_usd asc, run_id asc
        ) as cheap_rank,
        row_number() over (
            partition by organization_id, task_hash, refusal is null
            order by cost_usd desc, run_id asc
        ) as dear_rank
    from bounded_successes

)

select * from compared_successes
