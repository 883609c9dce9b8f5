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

)

select * from current_eligibility
