with

candidates as (

    select * from {{ ref('int_unpaired_candidates') }}

),

eligibility as (

    select * from {{ ref('int_conversation_eligibility') }}

),

failures as (

    select * from {{ ref('int_conversation_failures') }}

),

runs as (

    select * from {{ ref('int_runs') }}

),

examples as (

    select
        ---------- ids
        candidates.organization_id,
        candidates.run_id,
        {{ text_sha256(
            "'unpaired ' || " ~ text_sha256('candidates.organization_id') ~ " || ' ' || candidates.run_id"
        ) }} as lineage_id,
        runs.suite_id,
        runs.suite_version,
        runs.task_id,
        runs.agent_id,
        runs.variant_id,

        ---------- strings
        runs.model,
        eligibility.outcome_source,
        eligibility.task_hash,
        eligibility.split_group,
        eligibility.split,
        eligibility.conversation_sha256,
        coalesce(failures.failure_codes, runs.failure_code, '') as failure_codes,

        ---------- numerics
        cast(eligibility.example_message_count - 1 as bigint) as prompt_message_count,
        cast(eligibility.last_assistant_seq as bigint) as completion_seq,

        ---------- booleans
        candidates.label
    from candidates
    inner join eligibility
        on
            candidates.organization_id = eligibility.organization_id
            and candidates.run_id = eligibility.run_id
    inner join runs
        on
            candidates.organization_id = runs.organization_id
            and candidates.run_id = runs.run_id
    left join failures
        on
            candidates.organization_id = failures.organization_id
            and candidates.run_id = failures.run_id
    where candidates.refusal is null

)

select * from examples
