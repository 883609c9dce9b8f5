with

agent_errors as (

    select * from {{ ref('agent_errors') }}

),

failure_modes as (

    select * from {{ ref('failure_modes') }}

),

earlier_codes as (

    select * from {{ ref('stg_declared_earlier_codes') }}

),

this_version as (

    select min(classifier_version) as classifier_version from failure_modes

),

ranked_codes as (

    select
        *,
        row_number() over (
            partition by organization_id, fingerprint order by version_number desc
        ) as version_rank
    from earlier_codes

),

failure_reclassifications as (

    select
        agent_errors.organization_id,
        agent_errors.fingerprint,
        ranked_codes.code as code_before,
        agent_errors.code as code_after,
        ranked_codes.classifier_version as version_before,
        this_version.classifier_version as version_after,
        agent_errors.matched_pattern,
        agent_errors.message_normalized,
        agent_errors.error_count,
        agent_errors.run_count
    from agent_errors
    inner join ranked_codes
        on
            agent_errors.organization_id = ranked_codes.organization_id
            and agent_errors.fingerprint = ranked_codes.fingerprint
            and ranked_codes.version_rank = 1
    cross join this_version
    where agent_errors.code <> ranked_codes.code

)

select * from failure_reclassifications
