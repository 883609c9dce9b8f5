{{ config(materialized='incremental') }}

with

verified_runs as (

    select * from {{ ref('int_verified_runs') }}

),

conversations as (

    select * from {{ ref('int_conversations') }}

),

violations as (

    select * from {{ ref('int_conversation_violations') }}

),

consent as (

    select * from {{ ref('int_training_consent') }}

),

suite_tasks as (

    select * from {{ ref('stg_declared_suite_tasks') }}

),

protected_runs as (

    select * from {{ ref('int_protected_runs') }}

),

-- Runs without a task are attempts of the same task when they were given the same prompt.
tasked_runs as (

    select
        verified_runs.organization_id,
        verified_runs.run_id,
        verified_runs.event_date,
        conversations.prompt_sha256,
        conversations.conversation_sha256,
        conversations.prompt_message_count,
        conversations.example_message_count,
        conversations.last_assistant_seq,
        conversations.complete_until,
        verified_runs.outcome,
        verified_runs.outcome_value,
        verified_runs.outcome_source,
        verified_runs.population,
        verified_runs.attribution,
        verified_runs.is_success,
        verified_runs.is_verified,
        verified_runs.verification_rank,
        conversations.is_payload_complete,
        coalesce(consent.allow_training, false) as is_training_allowed,
        suite_tasks.split_group as declared_split_group,
        {{ text_sha256(
            "case when verified_runs.task_id is null then 'prompt ' || conversations.prompt_sha256 "
            "else 'task ' || " ~ text_sha256("coalesce(verified_runs.suite_id, '')")
            ~ " || ' ' || verified_runs.task_id end"
        ) }} as task_hash,
        case
            when protected_runs.run_id is not null then 'protected_task'
            when not verified_runs.is_verified then 'outcome_not_verified'
            when verified_runs.has_open_dispute then 'open_dispute'
            when coalesce(verified_runs.is_hallucinated, false) then 'hallucination'
            when violations.run_id is not null then 'policy_violation'
            when conversations.message_count = 0 then 'no_messages'
            when conversations.assistant_turns = 0 then 'no_assistant_turn'
            when not conversations.is_order_clear then 'message_order_unclear'
            when conversations.prompt_message_count = 0 then 'no_prompt'
            when conversations.has_empty_message then 'empty_message'
            when not conversations.are_all_calls_recorded then 'tool_call_not_recorded'
            when not conversations.are_all_calls_answered then 'tool_call_unanswered'
            when conversations.has_stray_answer then 'answer_without_call'
            when not conversations.is_payload_complete then 'payload_missing'
            when not coalesce(consent.allow_training, false) then 'training_not_allowed'
        end as refusal
    from verified_runs
    inner join conversations
        on
            verified_runs.organization_id = conversations.organization_id
            and verified_runs.run_id = conversations.run_id
    left join consent
        on
            verified_runs.organization_id = consent.organization_id
            and verified_runs.format = consent.format
    left join violations
        on
            verified_runs.organization_id = violations.organization_id
            and verified_runs.run_id = violations.run_id
    left join protected_runs
        on
            verified_runs.organization_id = protected_runs.organization_id
            and verified_runs.run_id = protected_runs.run_id
    left join suite_tasks
        on
            verified_runs.suite_id = suite_tasks.suite_id
            and verified_runs.task_id = suite_tasks.task_id

),

bucketed_runs as (

    select
        *,
        coalesce(declared_split_group, task_hash) as split_group,
        {{ hash_bucket(text_sha256('coalesce(declared_split_group, task_hash)'), 1000) }} as split_bucket
    from tasked_runs

),

-- A task, or the group it is declared to belong to, never moves between splits, whatever else is exported.
split_runs as (

    select
        *,
        case
            when split_bucket < 900 then 'train'
            when split_bucket < 950 then 'validation'
            else 'test'
        end as split
    from bucketed_runs

)

select * from split_runs
