with

agent_errors as (

    select * from {{ ref('agent_errors') }}

),

failure_modes as (

    select * from {{ ref('failure_modes') }}

),

resolutions as (

    select
        organization_id,
        code,
        max(resolved_on) as resolved_on
    from {{ ref('failure_resolutions') }}
    group by organization_id, code

),

fixable_groups as (

    select
        agent_errors.organization_id,
        agent_errors.group_id,
        agent_errors.code,
        failure_modes.severity,
        failure_modes.runbook,
        agent_errors.group_template,
        min(agent_errors.fingerprint) as fingerprint,
        min(agent_errors.sample_error_ids) as evidence,
        cast({{ total('agent_errors.error_count') }} as bigint) as error_count,
        min(agent_errors.first_seen_at) as first_seen_at,
        max(agent_errors.last_seen_at) as last_seen_at
    from agent_errors
    inner join failure_modes
        on
            agent_errors.code = failure_modes.code
            and failure_modes.remediate_kind = 'fixbot'
    group by
        agent_errors.organization_id, agent_errors.group_id, agent_errors.code, failure_modes.severity,
        failure_modes.runbook, agent_errors.group_template

),

-- What was resolved and has not come back since is not proposed again.
open_groups as (

    select fixable_groups.*
    from fixable_groups
    left join resolutions
        on
            fixable_groups.organization_id = resolutions.organization_id
            and fixable_groups.code = resolutions.code
    where
        resolutions.resolved_on is null
        or cast(fixable_groups.last_seen_at as date) > resolutions.resolved_on

),

fixbot_queue as (

    select
        organization_id,
        group_id,
        code,
        severity,
        group_template,
        fingerprint,
        evidence,
        runbook,
        'fixbot_policy.yaml' as policy_ref,
        'pull_request' as allowed_action,
        cast(row_number() over (
            partition by organization_id
            order by
                case severity
                    when 'critical' then 1 when 'high' then 2 when 'medium' then 3 when 'low' then 4 else 5
                end asc,
                error_count desc,
                group_id asc
        ) as bigint) as queue_rank,
        error_count,
        first_seen_at,
        last_seen_at
    from open_groups

)

select * from fixbot_queue
