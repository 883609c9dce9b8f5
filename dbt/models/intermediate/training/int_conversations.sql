{{ config(meta={'lots': {'rows_of': 'int_conversation_messages', 'bytes_a_row': 2000}}) }}

with

runs as (

    select * from {{ ref('int_runs_folded') }}
    where {{ in_lot('run_id') }}

),

messages as (

    select * from {{ ref('int_conversation_messages') }}
    where {{ in_lot('run_id') }}

),

calls as (

    select * from {{ ref('int_conversation_calls') }}
    where {{ in_lot('run_id') }}

),

payloads as (

    select * from {{ ref('int_conversation_payloads') }}
    where {{ in_lot('run_id') }}

),

bounded_messages as (

    select
        *,
        min(case when role = 'assistant' then position end) over (
            partition by organization_id, run_id
        ) as first_assistant_position,
        max(case when role = 'assistant' then position end) over (
            partition by organization_id, run_id
        ) as last_assistant_position
    from messages

),

message_facts as (

    select
        organization_id,
        run_id,
        count(*) as message_count,
        count(distinct seq) as seq_count,
        sum(case when role = 'assistant' then 1 else 0 end) as assistant_turns,
        sum(case when role = 'tool' then 1 else 0 end) as tool_message_count,
        -- An assistant may call tools without a word; nobody may say nothing at all.
        sum(case when content_sha256 is null and call_count = 0 then 1 else 0 end) as empty_message_count,
        max(first_assistant_position) - 1 as prompt_message_count,
        max(last_assistant_position) as example_message_count,
        max(case when position = last_assistant_position then seq end) as last_assistant_seq,
        {{ text_sha256(joined_texts(
            'case when position < first_assistant_position then message_key end', 'position'
        )) }} as prompt_sha256,
        {{ text_sha256(joined_texts(
            'case when position <= last_assistant_position then message_key end', 'position'
        )) }} as conversation_sha256
    from bounded_messages
    group by 1, 2

),

call_facts as (

    select
        organization_id,
        run_id,
        count(*) as call_count,
        sum(case when is_recorded then 0 else 1 end) as unrecorded_call_count,
        sum(case when answer_count = 1 then 0 else 1 end) as unanswered_call_count
    from calls
    group by 1, 2

),

conversations as (

    select
        runs.organization_id,
        runs.run_id,
        message_facts.last_assistant_seq,
        message_facts.prompt_sha256,
        message_facts.conversation_sha256,
        payloads.complete_until,
        coalesce(message_facts.message_count, 0) as message_count,
        coalesce(message_facts.assistant_turns, 0) as assistant_turns,
        coalesce(message_facts.prompt_message_count, 0) as prompt_message_count,
        coalesce(message_facts.example_message_count, 0) as example_message_count,
        coalesce(message_facts.message_count = message_facts.seq_count, false) as is_order_clear,
        coalesce(message_facts.empty_message_count > 0, false) as has_empty_message,
        coalesce(call_facts.unrecorded_call_count, 0) = 0 as are_all_calls_recorded,
        coalesce(call_facts.unanswered_call_count, 0) = 0 as are_all_calls_answered,
        coalesce(message_facts.tool_message_count, 0)
        <> coalesce(call_facts.call_count, 0) as has_stray_answer,
        coalesce(payloads.missing_text_count, 0) = 0 as is_payload_complete
    from runs
    left join message_facts
        on
            runs.organization_id = message_facts.organization_id
            and runs.run_id = message_facts.run_id
    left join call_facts
        on
            runs.organization_id = call_facts.organization_id
            and runs.run_id = call_facts.run_id
    left join payloads
        on
            runs.organization_id = payloads.organization_id
            and runs.run_id = payloads.run_id

)

select * from conversations
