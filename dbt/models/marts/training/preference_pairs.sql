with

pairs as (

    select * from {{ ref('int_kept_pairs') }}

),

eligibility as (

    select * from {{ ref('int_conversation_eligibility') }}

),

failures as (

    select * from {{ ref('int_conversation_failures') }}

),

reviews as (

    select * from {{ ref('int_run_reviews') }}

),

runs as (

    select * from {{ ref('int_runs') }}

),

described_pairs as (

    select
        ---------- ids
        pairs.organization_id,
        pairs.chosen_run_id,
        pairs.rejected_run_id,
        {{ text_sha256(
            "case pairs.pair_kind when 'first_divergence' then 'preferences' else pairs.pair_kind end || ' ' || "
            ~ text_sha256('pairs.organization_id') ~ " || ' ' || "
            ~ text_sha256('pairs.chosen_run_id') ~ " || ' ' || pairs.rejected_run_id"
        ) }} as lineage_id,
        chosen_runs.suite_id,
        chosen_runs.suite_version,
        chosen_runs.task_id,
        chosen_runs.agent_id as chosen_agent_id,
        rejected_runs.agent_id as rejected_agent_id,

        ---------- strings
        pairs.pair_kind,
        chosen_runs.model as chosen_model,
        rejected_runs.model as rejected_model,
        eligibility.outcome_source,
        pairs.task_hash,
        eligibility.split_group,
        eligibility.split,
        pairs.prompt_sha256,
        pairs.pair_sha256,
        pairs.input_sha256,
        case when pairs.pair_kind = 'output' then pairs.chosen_key end as chosen_output_sha256,
        case when pairs.pair_kind = 'output' then pairs.rejected_key end as rejected_output_sha256,
        coalesce(failures.failure_codes, rejected_runs.failure_code, '') as failure_codes,
        coalesce(chosen_reviews.evidence, '') as chosen_evidence,
        coalesce(rejected_reviews.evidence, '') as rejected_evidence,

        ---------- numerics
        cast(pairs.divergence_seq as bigint) as divergence_seq,
        cast(pairs.rejected_seq as bigint) as rejected_seq,
        cast(pairs.divergence_position - 1 as bigint) as prompt_message_count,
        pairs.margin
    from pairs
    inner join eligibility
        on
            pairs.organization_id = eligibility.organization_id
            and pairs.chosen_run_id = eligibility.run_id
    inner join runs as chosen_runs
        on
            pairs.organization_id = chosen_runs.organization_id
            and pairs.chosen_run_id = chosen_runs.run_id
    inner join runs as rejected_runs
        on
            pairs.organization_id = rejected_runs.organization_id
            and pairs.rejected_run_id = rejected_runs.run_id
    left join reviews as chosen_reviews
        on
            pairs.organization_id = chosen_reviews.organization_id
            and pairs.chosen_run_id = chosen_reviews.run_id
    left join reviews as rejected_reviews
        on
            pairs.organization_id = rejected_reviews.organization_id
            and pairs.rejected_run_id = rejected_reviews.run_id
    left join failures
        on
            pairs.organization_id = failures.organization_id
            and pairs.rejected_run_id = failures.run_id

)

select * from described_pairs
