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

recoveries as (

    select * from {{ ref('int_recovery_turns') }}

),

outputs as (

    select * from {{ ref('int_output_candidates') }}

),

reviews as (

    select * from {{ ref('int_run_reviews') }}

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
