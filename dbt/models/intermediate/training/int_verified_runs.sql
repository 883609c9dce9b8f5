{{ config(materialized='view') }}

with

runs as (

    select * from {{ ref('int_run_facts') }}

),

reviews as (

    select * from {{ ref('int_run_reviews') }}

),

-- Verified by a verifier or a person; a benchmark's own rule counts too, a judge or the agent itself never.
judged_runs as (

    select
        runs.*,
        coalesce(
            runs.outcome_source in ('verifier', 'human')
            or (runs.kind = 'benchmark' and runs.outcome_source = 'rule'),
            false
        ) as is_own_verdict,
        case
            when reviews.is_accepted and not reviews.is_rejected then 'success'
            when reviews.is_rejected and not reviews.is_accepted then 'failure'
        end as later_outcome,
        case when reviews.verification is not null then 'verifier' else 'human' end as later_source
    from runs
    left join reviews
        on
            runs.organization_id = reviews.organization_id
            and runs.run_id = reviews.run_id

),

-- Where the run's own verdict is nobody's, a later verification, review or merge counts, if they agree.
verified_runs as (

    select
        organization_id,
        run_id,
        event_date,
        format,
        suite_id,
        task_id,
        attribution,
        has_open_dispute,
        is_hallucinated,
        is_own_verdict or later_outcome is not null as is_verified,
        case when is_own_verdict or later_outcome is null then outcome else later_outcome end as outcome,
        case when is_own_verdict or later_outcome is null then outcome_value end as outcome_value,
        case
            when is_own_verdict or later_outcome is null then outcome_source
            else later_source
        end as outcome_source,
        case
            when is_own_verdict or later_outcome is null or population <> 'unscored' then population
            else 'scored'
        end as population,
        case
            when is_own_verdict or later_outcome is null then is_success
            else later_outcome = 'success'
        end as is_success
    from judged_runs

),

ranked_runs as (

    select
        *,
        case
            when outcome_source = 'verifier' then 1
            when outcome_source = 'human' then 2
            else 3
        end as verification_rank
    from verified_runs

)

select * from ranked_runs
