{{ config(materialized='view') }}

with

candidates as (

    select * from {{ ref('int_sft_candidates') }}

),

eligibility as (

    select * from {{ ref('int_conversation_eligibility') }}

),

recoveries as (

    select * from {{ ref('int_recovery_turns') }}

),

outputs as (

    select * from {{ ref('int_output_candidates') }}

),

whole_conversations as (

    select
        candidates.organization_id,
        candidates.run_id,
        'conversation' as example_kind,
        eligibility.conversation_sha256,
        eligibility.example_message_count as message_count,
        eligibility.last_assistant_seq as last_message_seq,
        cast(null as {{ dbt.type_string() }}) as input_sha256,
        cast(null as {{ dbt.type_string() }}) as output_sha256
    from candidates
    inner join eligibility
        on
            candidates.organization_id = eligibility.organization_id
            and candidates.run_id = eligibility.run_id
    where candidates.refusal is null

),

-- A recovery that ends its run is that run's example already.
recovered_steps as (

    select
        recoveries.organization_id,
        recoveries.run_id,
        'recovery' as example_kind,
        recoveries.conversation_sha256,
        recoveries.recovery_position as message_count,
        recoveries.recovery_seq as last_message_seq,
        cast(null as {{ dbt.type_string() }}) as input_sha256,
        cast(null as {{ dbt.type_string() }}) as output_sha256
    from recoveries
    left join whole_conversations
        on
            recoveries.organization_id = whole_conversations.organization_id
            and recoveries.run_id = whole_conversations.run_id
            and recoveries.conversation_sha256 = whole_conversations.conversation_sha256
    where whole_conversations.run_id is null

),

-- What the best run of a task was given, and what it handed in.
handed_in as (

    select
        organization_id,
        run_id,
        'output' as example_kind,
        {{ text_sha256("'output ' || prompt_sha256 || ' ' || output_sha256") }} as conversation_sha256,
        prompt_message_count + 1 as message_count,
        last_prompt_seq as last_message_seq,
        input_sha256,
        output_sha256
    from outputs
    where
        outcome = 'success'
        and task_rank = 1

),

stretches as (

    select * from whole_conversations
    union all
    select * from recovered_steps
    union all
    select * from handed_in

)

select * from stretches
