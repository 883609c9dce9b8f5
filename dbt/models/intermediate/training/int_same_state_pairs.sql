{# Four pairs a task use at most four runs a side; twice that leaves room for pairs that fall away. #}
{% set runs_compared = 8 %}

with

candidates as (

    select * from {{ ref('int_preference_candidates') }}

),

messages as (

    select * from {{ ref('int_candidate_messages') }}

),

calls as (

    select * from {{ ref('int_candidate_calls') }}

),

thresholds as (

    select * from {{ ref('stg_declared_thresholds') }}

),

-- Only where they are asked for: what was said before such turns is not the same.
asked_candidates as (

    select candidates.*
    from candidates
    inner join thresholds
        on
            thresholds.name = 'export_same_state_pairs'
            and thresholds.value >= 1
    where candidates.refusal is null

),

call_texts as (

    select
        calls.organization_id,
        calls.run_id,
        calls.position,
        {{ joined_texts(
            text_sha256('calls.tool_name') ~ " || ' ' || calls.arguments_sha256", 'calls.call_number'
        ) }} as call_text
    from calls
    inner join asked_candidates
        on
            calls.organization_id = asked_candidates.organization_id
            and calls.run_id = asked_candidates.run_id
    group by 1, 2, 3

),

acts as (

    select
        asked_candidates.organization_id,
        asked_candidates.run_id,
        asked_candidates.task_hash,
        asked_candidates.side,
        asked_candidates.worth,
        messages.seq,
        messages.role,
        messages.position,
        coalesce(call_texts.call_text, messages.message_key) as action_key,
        case when messages.role = 'tool' then messages.message_key else call_texts.call_text end as state_key
    from asked_candidates
    inner join messages
        on
            asked_candidates.organization_id = messages.organization_id
            and asked_candidates.run_id = messages.run_id
    left join call_texts
        on
            messages.organization_id = call_texts.organization_id
            and messages.run_id = call_texts.run_id
            and messages.position = call_texts.position

),

-- The state before a message: the calls so far and what they brought, whatever was said in between.
stated_acts as (

    select
        *,
        {{ text_sha256(joined_before('state_key', ['organization_id', 'run_id'], 'position')) }}
            as state_sha256
    from acts

),

-- The turn that leaves a state by calling a tool, or with which the run ends in it. Before any call all runs
-- are in the same state, which says nothing.
ranked_turns as (

    select
        *,
        row_number() over (
            partition by organization_id, run_id, state_sha256 order by position desc
        ) as turn_rank
    from stated_acts
    where
        role = 'assistant'
        and state_sha256 is not null

),

leaving_turns as (

    select
        *,
        row_number() over (
            partition by organization_id, task_hash, state_sha256, side
            order by worth desc, run_id asc
        ) as side_rank
    from ranked_turns
    where turn_rank = 1

),

pairs as (

    select
        chosen.organization_id,
        chosen.run_id as chosen_run_id,
        rejected.run_id as rejected_run_id,
        chosen.task_hash,
        chosen.state_sha256 as prompt_sha256,
        chosen.action_key as chosen_key,
        rejected.action_key as rejected_key,
        chosen.seq as divergence_seq,
        rejected.seq as rejected_seq,
        chosen.position as divergence_position,
        chosen.worth - rejected.worth as margin,
        {{ text_sha256(
            "'same_state ' || chosen.state_sha256 || ' ' || chosen.action_key || ' ' || rejected.action_key"
        ) }} as pair_sha256
    from leaving_turns as chosen
    inner join leaving_turns as rejected
        on
            chosen.organization_id = rejected.organization_id
            and chosen.task_hash = rejected.task_hash
            and chosen.state_sha256 = rejected.state_sha256
    where
        chosen.side = 'chosen'
        and rejected.side = 'rejected'
        and chosen.side_rank <= {{ runs_compared }}
        and rejected.side_rank <= {{ runs_compared }}
        and chosen.action_key <> rejected.action_key
        -- A failure that was scored higher than a success teaches nothing that can be relied on.
        and chosen.worth >= rejected.worth

)

select * from pairs
