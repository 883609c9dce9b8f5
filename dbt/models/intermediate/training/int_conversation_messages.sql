{{ config(meta={'lots': {'rows_of': 'int_conversation_calls', 'bytes_a_row': 1000}}) }}

with

turns as (

    select * from {{ ref('int_conversation_turns') }}
    where {{ in_lot('run_id') }}

),

calls as (

    select * from {{ ref('int_conversation_calls') }}
    where {{ in_lot('run_id') }}

),

call_texts as (

    select
        organization_id,
        run_id,
        position,
        count(*) as call_count,
        {{ joined_texts(text_sha256('tool_name') ~ " || ' ' || arguments_sha256", 'call_number') }}
            as call_text
    from calls
    group by 1, 2, 3

),

-- Equal keys: the same role says the same and calls the same; the ids of calls are chance and do not count.
keyed_messages as (

    select
        turns.organization_id,
        turns.run_id,
        turns.seq,
        turns.role,
        turns.content_sha256,
        turns.position,
        coalesce(call_texts.call_count, 0) as call_count,
        {{ text_sha256(
            "turns.role || ' ' || coalesce(turns.content_sha256, '') || ' ' || coalesce(call_texts.call_text, '')"
        ) }} as message_key
    from turns
    left join call_texts
        on
            turns.organization_id = call_texts.organization_id
            and turns.run_id = call_texts.run_id
            and turns.position = call_texts.position

)

select * from keyed_messages
