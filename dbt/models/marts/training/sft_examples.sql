with

candidates as (

    select * from {{ ref('int_sft_candidates') }}

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
        -- Ids may hold anything but control characters: hashed, no two pairs of ids run together.
        {{ text_sha256(
            "'sft ' || " ~ text_sha256('candidates.organization_id') ~ " || ' ' || candidates.run_id"
        ) }} as lineage_id,
        runs.suite_id,
        runs.suite_version,
        runs.task_id,
        runs.agent_id,
        runs.variant_id,

        ---------- strings
        runs.model,
        runs.outcome_source,
        eligibility.task_hash,
        eligibility.split_group,
        eligibility.split,
        eligibility.prompt_sha256,
        eligibility.conversation_sha256,
        coalesce(failures.failure_codes, runs.failure_code, '') as failure_codes,

        ---------- numerics
        cast(eligibility.example_message_count as bigint) as message_count,
        cast(eligibility.last_assistant_seq as bigint) as last_message_seq,
        cast(candidates.verification_rank as bigint) as verification_rank,
        cast(candidates.warning_count as bigint) as warning_count,
        candidates.cost_usd,
        candidates.latency_ms,

        ---------- where it came from
        runs.event_id,
        runs.batch_id,
        runs.source_file_sha256,
        runs.byte_offset,
        runs.byte_length
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
