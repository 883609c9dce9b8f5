{{ config(materialized='view') }}

with

eligibility as (

    select * from {{ ref('int_conversation_eligibility') }}

),

last_days as (

    select * from {{ ref('int_as_of') }}

),

-- What a conversation is does not change with the days; that its texts expire does.
current_eligibility as (

    select
        eligibility.organization_id,
        eligibility.run_id,
        eligibility.task_hash,
        eligibility.prompt_sha256,
        eligibility.outcome,
        eligibility.outcome_value,
        eligibility.population,
        eligibility.attribution,
        eligibility.is_success,
        eligibility.is_verified,
        eligibility.verification_rank,
        case
            when
                eligibility.complete_until <= last_days.as_of
                and coalesce(eligibility.refusal, 'training_not_allowed') = 'training_not_allowed'
                then 'payload_missing'
            else eligibility.refusal
        end as refusal
    from eligibility
    left join last_days
        on eligibility.organization_id = last_days.organization_id

),

-- What each dataset can say of a run alone: only runs without such a reason compete within their task.
own_refusals as (

    select
        *,
        case
            when not coalesce(is_success, false) then 'not_successful'
            else refusal
        end as sft_refusal,
        case
            when outcome = 'failure' and (population = 'infra' or coalesce(attribution = 'infra', false))
                then 'infrastructure_failure'
            when outcome not in ('success', 'failure') or population <> 'scored'
                then 'neither_success_nor_failure'
            else refusal
        end as pair_refusal,
        case
            when coalesce(outcome, '') <> 'success' then 'not_successful'
            when population <> 'scored' then 'neither_success_nor_failure'
            else refusal
        end as efficiency_refusal
    from current_eligibility

)

select * from own_refusals
