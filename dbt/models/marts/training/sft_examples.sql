with

stretches as (

    select * from {{ ref('int_sft_stretches') }}

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

reviews as (

    select * from {{ ref('int_run_reviews') }}

),

examples as (

    select
        ---------- ids
        stretches.organization_id,
        stretches.run_id,
        -- Ids may hold anything but control characters: hashed, no two pairs of ids run together.
        {{ text_sha256(
            "case stretches.example_kind when 'recovery' then 'sft recovery ' when 'output' then 'sft output ' "
            ~ "else 'sft ' end || "
            ~ text_sha256('stretches.organization_id') ~ " || ' ' || stretches.run_id"
        ) }} as lineage_id,
        runs.suite_id,
        runs.suite_version,
        runs.task_id,
        runs.agent_id,
        runs.variant_id,

        ---------- strings
        stretches.example_kind,
        runs.model,
        eligibility.outcome_source,
        eligibility.task_hash,
        eligibility.split_group,
        eligibility.split,
        eligibility.prompt_sha256,
        stretches.conversation_sha256,
        stretches.input_sha256,
        stretches.output_sha256,
        coalesce(failures.failure_codes, runs.failure_code, '') as failure_codes,
        reviews.verification,
        reviews.verification_output_sha256,
        reviews.pr_outcome,
        reviews.reviewer_verdict,

        ---------- numerics
        cast(stretches.message_count as bigint) as message_count,
        cast(stretches.last_message_seq as bigint) as last_message_seq,
        cast(eligibility.verification_rank as bigint) as verification_rank,
        cast(coalesce(runs.tool_error_count, 0) + coalesce(runs.retry_count, 0) as bigint) as warning_count,
        runs.cost_usd,
        runs.latency_ms,

        ---------- where it came from
        runs.event_id,
        runs.batch_id,
        runs.source_file_sha256,
        runs.byte_offset,
        runs.byte_length
    from stretches
    inner join eligibility
        on
            stretches.organization_id = eligibility.organization_id
            and stretches.run_id = eligibility.run_id
    inner join runs
        on
            stretches.organization_id = runs.organization_id
            and stretches.run_id = runs.run_id
    left join failures
        on
            stretches.organization_id = failures.organization_id
            and stretches.run_id = failures.run_id
    left join reviews
        on
            stretches.organization_id = reviews.organization_id
            and stretches.run_id = reviews.run_id

)

select * from examples
