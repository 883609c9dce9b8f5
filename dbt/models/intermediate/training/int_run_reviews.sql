{{ config(materialized='incremental') }}

with

scores as (

    select * from {{ ref('int_scores') }}

),

runs as (

    select * from {{ ref('int_run_facts') }}

),

-- Of several current verdicts the latest counts.
verdicts as (

    select
        runs.organization_id,
        runs.run_id,
        runs.event_date,
        scores.name,
        scores.value,
        scores.output_sha256,
        lower(scores.label) as label,
        row_number() over (
            partition by runs.organization_id, runs.run_id, scores.name
            order by coalesce(scores.scored_at, scores.occurred_at) desc nulls last, scores.event_id desc
        ) as recency
    from scores
    inner join runs
        on
            scores.organization_id = runs.organization_id
            and scores.scored_run_id = runs.run_id
    where
        scores.is_current
        and coalesce(scores.target_type, 'run') = 'run'
        and (
            scores.name = 'pr_outcome'
            or (scores.name = 'verification' and coalesce(scores.scorer_kind, 'code') <> 'llm')
            or (scores.name = 'review' and scores.scorer_kind = 'human')
        )

),

reviews as (

    select
        organization_id,
        run_id,
        event_date,
        max(
            case
                when name = 'verification' and value >= 0.5 then 'passed'
                when name = 'verification' and value < 0.5 then 'failed'
            end
        ) as verification,
        max(case when name = 'verification' then output_sha256 end) as verification_output_sha256,
        max(
            case when name = 'pr_outcome' and label in ('merged', 'closed', 'open') then label end
        ) as pr_outcome,
        max(
            case
                when name = 'review' and value >= 0.5 then 'accepted'
                when name = 'review' and value < 0.5 then 'rejected'
            end
        ) as reviewer_verdict
    from verdicts
    where recency = 1
    group by 1, 2, 3

),

-- A merge or its refusal is a verdict; a proposal that still waits is none.
judged_reviews as (

    select
        *,
        coalesce(
            verification = 'passed' or reviewer_verdict = 'accepted' or pr_outcome = 'merged', false
        ) as is_accepted,
        coalesce(
            verification = 'failed' or reviewer_verdict = 'rejected' or pr_outcome = 'closed', false
        ) as is_rejected,
        concat_ws(
            ', ',
            'verification ' || verification,
            'pr_outcome ' || pr_outcome,
            'review ' || reviewer_verdict
        ) as evidence
    from reviews

)

select * from judged_reviews
