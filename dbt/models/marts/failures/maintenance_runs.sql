with

runs as (

    select * from {{ ref('agent_runs') }}
    where kind = 'maintenance'

),

steps as (

    select * from {{ ref('steps') }}

),

maintenance_runs as (

    select
        runs.organization_id,
        runs.run_id,
        runs.agent_id,
        runs.workflow_name,
        runs.termination,
        runs.outcome,
        runs.failure_code,
        count(steps.step_id) as step_count,
        count(case when steps.status = 'error' then 1 end) as failed_step_count,
        runs.is_success,
        runs.event_date,
        runs.started_at,
        runs.ended_at
    from runs
    left join steps
        on
            runs.organization_id = steps.organization_id
            and runs.run_id = steps.run_id
    group by
        runs.organization_id, runs.run_id, runs.agent_id, runs.workflow_name, runs.termination,
        runs.outcome, runs.failure_code, runs.is_success, runs.event_date, runs.started_at, runs.ended_at

)

select * from maintenance_runs
