{{ config(materialized='incremental') }}

with

runs as (

    select * from {{ ref('int_protected_runs') }}

),

folded_runs as (

    select * from {{ ref('int_runs_folded') }}

),

messages as (

    select * from {{ ref('int_conversation_turns') }}

),

conversations as (

    select * from {{ ref('int_conversations') }}

),

protected_messages as (

    select distinct
        runs.organization_id,
        runs.suite_id,
        coalesce(runs.task_id, runs.run_id) as task_id,
        messages.content_sha256,
        folded_runs.event_date
    from runs
    inner join folded_runs
        on
            runs.organization_id = folded_runs.organization_id
            and runs.run_id = folded_runs.run_id
    inner join conversations
        on
            runs.organization_id = conversations.organization_id
            and runs.run_id = conversations.run_id
    inner join messages
        on
            runs.organization_id = messages.organization_id
            and runs.run_id = messages.run_id
    where
        messages.role = 'user'
        and messages.content_sha256 is not null
        and messages.position <= conversations.prompt_message_count

)

select * from protected_messages
