{# Four pairs a task use at most four runs a side; twice that leaves room for pairs that fall away. #}
{% set runs_compared = 8 %}

with

candidates as (

    select * from {{ ref('int_efficiency_candidates') }}

),

messages as (

    select * from {{ ref('int_candidate_messages') }}

),

prefixed_messages as (

    select
        candidates.organization_id,
        candidates.run_id,
        candidates.task_hash,
        candidates.cost_usd,
        candidates.cheap_rank,
        candidates.dear_rank,
        messages.seq,
        messages.role,
        messages.position,
        messages.message_key,
        {{ text_sha256(joined_before(
            'messages.message_key',
            ['candidates.organization_id', 'candidates.run_id'],
            'messages.position'
        )) }} as prompt_sha256
    from candidates
    inner join messages
        on
            candidates.organization_id = messages.organization_id
            and candidates.run_id = messages.run_id
    where
        candidates.refusal is null
        and (candidates.cheap_rank <= {{ runs_compared }} or candidates.dear_rank <= {{ runs_compared }})

),

assistant_turns as (

    select * from prefixed_messages
    where role = 'assistant'

),

-- Equal prompts and different turns: the first turn at which the two part.
parting_turns as (

    select
        cheap.organization_id,
        cheap.run_id as chosen_run_id,
        dear.run_id as rejected_run_id,
        cheap.task_hash,
        cheap.prompt_sha256,
        cheap.message_key as chosen_key,
        dear.message_key as rejected_key,
        cheap.seq as divergence_seq,
        dear.seq as rejected_seq,
        cheap.position as divergence_position,
        1e0 - cast(cheap.cost_usd as double) / cast(dear.cost_usd as double) as margin,
        {{ text_sha256(
            "'efficiency ' || cheap.prompt_sha256 || ' ' || cheap.message_key || ' ' || dear.message_key"
        ) }} as pair_sha256
    from assistant_turns as cheap
    inner join assistant_turns as dear
        on
            cheap.organization_id = dear.organization_id
            and cheap.task_hash = dear.task_hash
            and cheap.prompt_sha256 = dear.prompt_sha256
    where
        cheap.cheap_rank <= {{ runs_compared }}
        and dear.dear_rank <= {{ runs_compared }}
        and cheap.message_key <> dear.message_key
        and cheap.cost_usd * 5 <= dear.cost_usd * 4

)

select * from parting_turns
