with

candidates as (

    select * from {{ ref('int_preference_candidates') }}

),

messages as (

    select * from {{ ref('int_candidate_messages') }}

),

prefixed_messages as (

    select
        candidates.organization_id,
        candidates.run_id,
        candidates.task_hash,
        candidates.side,
        candidates.worth,
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
    where candidates.refusal is null

),

assistant_turns as (

    select
        *,
        row_number() over (
            partition by organization_id, task_hash, prompt_sha256, side
            order by worth desc, run_id asc
        ) as side_rank,
        count(*) over (partition by organization_id, task_hash, prompt_sha256) as prompt_run_count,
        count(*) over (partition by organization_id, task_hash, prompt_sha256, side) as side_run_count,
        count(*) over (
            partition by organization_id, task_hash, prompt_sha256, message_key
        ) as same_turn_count,
        count(*) over (
            partition by organization_id, task_hash, prompt_sha256, message_key, side
        ) as same_turn_side_count
    from prefixed_messages
    where role = 'assistant'

),

-- A turn diverges when a run of the other outcome, after the very same prompt, said something else.
diverging_turns as (

    select
        *,
        (prompt_run_count - side_run_count) - (same_turn_count - same_turn_side_count) > 0 as is_divergence
    from assistant_turns

)

select * from diverging_turns
