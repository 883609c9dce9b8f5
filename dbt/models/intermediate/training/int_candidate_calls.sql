{{ config(materialized='incremental') }}

with

calls as (

    select * from {{ ref('int_conversation_calls') }}

),

eligibility as (

    select * from {{ ref('int_conversation_eligibility') }}

),

candidate_calls as (

    select
        calls.organization_id,
        calls.run_id,
        calls.tool_call_id,
        calls.tool_name,
        calls.arguments_sha256,
        calls.status,
        calls.seq,
        calls.position,
        calls.call_number,
        eligibility.event_date
    from calls
    inner join eligibility
        on
            calls.organization_id = eligibility.organization_id
            and calls.run_id = eligibility.run_id
    where eligibility.refusal is null

)

select * from candidate_calls
