{{ config(materialized='incremental') }}

with

messages as (

    select * from {{ ref('int_conversation_messages') }}

),

eligibility as (

    select * from {{ ref('int_conversation_eligibility') }}

),

candidate_messages as (

    select
        messages.organization_id,
        messages.run_id,
        messages.seq,
        messages.role,
        messages.position,
        messages.message_key,
        eligibility.event_date
    from messages
    inner join eligibility
        on
            messages.organization_id = eligibility.organization_id
            and messages.run_id = eligibility.run_id
    where eligibility.refusal is null

)

select * from candidate_messages
