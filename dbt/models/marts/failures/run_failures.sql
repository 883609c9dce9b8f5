with

runs as (

    select * from {{ ref('agent_runs') }}
    where failure_code is not null

),

errors as (

    select * from {{ ref('int_errors') }}

),

failure_modes as (

    select * from {{ ref('failure_modes') }}

),

error_counts as (

    select
        organization_id,
        run_id,
        count(*) as error_count,
        count(case when is_wrapper then 1 end) as wrapper_count
    from errors
    where run_id is not null
    group by organization_id, run_id

),

-- Of several errors of the run's code the surest is the evidence.
ranked_evidence as (

    select
        organization_id,
        run_id,
        code,
        error_id,
        fingerprint,
        matched_pattern,
        confidence,
        row_number() over (
            partition by organization_id, run_id, code order by confidence desc, error_id asc
        ) as evidence_rank
    from errors
    where run_id is not null

),

run_failures as (

    select
        runs.organization_id,
        runs.run_id,
        runs.agent_id,
        runs.failing_step_id,
        evidence.error_id,
        evidence.fingerprint,
        runs.failure_code,
        failure_modes.category as failure_type,
        runs.attribution,
        case when evidence.error_id is null then 'termination' else 'error' end as failure_evidence,
        coalesce(evidence.matched_pattern, 'termination') as matched_pattern,
        failure_modes.classifier_version,
        coalesce(evidence.confidence, 1e0) as confidence,
        coalesce(error_counts.error_count, 0) as error_count,
        coalesce(error_counts.wrapper_count, 0) as wrapper_count,
        runs.is_success,
        runs.event_date
    from runs
    inner join failure_modes on runs.failure_code = failure_modes.code
    left join ranked_evidence as evidence
        on
            runs.organization_id = evidence.organization_id
            and runs.run_id = evidence.run_id
            and runs.failure_code = evidence.code
            and evidence.evidence_rank = 1
    left join error_counts
        on
            runs.organization_id = error_counts.organization_id
            and runs.run_id = error_counts.run_id

)

select * from run_failures
