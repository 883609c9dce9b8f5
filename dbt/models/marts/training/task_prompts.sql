with

candidates as (

    select * from {{ ref('int_prompt_candidates') }}

),

eligibility as (

    select * from {{ ref('int_conversation_eligibility') }}

),

messages as (

    select * from {{ ref('int_candidate_messages') }}

),

runs as (

    select * from {{ ref('int_runs') }}

),

prompt_ends as (

    select
        messages.organization_id,
        messages.run_id,
        max(messages.seq) as last_prompt_seq
    from messages
    inner join eligibility
        on
            messages.organization_id = eligibility.organization_id
            and messages.run_id = eligibility.run_id
    where messages.position <= eligibility.prompt_message_count
    group by 1, 2

),

prompts as (

    select
        ---------- ids
        candidates.organization_id,
        candidates.run_id,
        {{ text_sha256(
            "'prompts ' || " ~ text_sha256('candidates.organization_id') ~ " || ' ' || candidates.run_id"
        ) }} as lineage_id,
        runs.suite_id,
        runs.suite_version,
        runs.task_id,

        ---------- strings
        eligibility.outcome_source as verifier,
        eligibility.task_hash,
        eligibility.split_group,
        eligibility.split,
        eligibility.prompt_sha256,

        ---------- numerics
        cast(eligibility.prompt_message_count as bigint) as prompt_message_count,
        cast(prompt_ends.last_prompt_seq as bigint) as last_prompt_seq,
        candidates.attempt_count,
        candidates.success_count,
        cast(candidates.success_count as double) / cast(candidates.attempt_count as double) as success_rate
    from candidates
    inner join eligibility
        on
            candidates.organization_id = eligibility.organization_id
            and candidates.run_id = eligibility.run_id
    inner join runs
        on
            candidates.organization_id = runs.organization_id
            and candidates.run_id = runs.run_id
    left join prompt_ends
        on
            candidates.organization_id = prompt_ends.organization_id
            and candidates.run_id = prompt_ends.run_id
    where candidates.refusal is null

)

select * from prompts
