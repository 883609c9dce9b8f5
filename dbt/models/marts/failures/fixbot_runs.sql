with

runs as (

    select * from {{ ref('agent_runs') }}
    where kind = 'fixbot'

),

violations as (

    select
        organization_id,
        run_id,
        count(*) as violation_count
    from {{ ref('fixbot_policy_violations') }}
    group by organization_id, run_id

),

fixbot_runs as (

    select
        runs.organization_id,
        runs.run_id,
        runs.agent_id,
        {{ map_value('runs.labels', 'failure_code') }} as dispatched_code,
        {{ map_value('runs.labels', 'evidence_ref') }} as evidence_ref,
        {{ map_value('runs.labels', 'policy_ref') }} as policy_ref,
        {{ map_value('runs.labels', 'pr_url') }} as pr_url,
        runs.outcome,
        coalesce(violations.violation_count, 0) as violation_count,
        runs.is_success,
        runs.event_date
    from runs
    left join violations
        on
            runs.organization_id = violations.organization_id
            and runs.run_id = violations.run_id

)

select * from fixbot_runs
