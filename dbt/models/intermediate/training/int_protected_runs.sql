with

runs as (

    select * from {{ ref('int_runs') }}

),

suites as (

    select * from {{ ref('stg_declared_suites') }}

),

suite_tasks as (

    select * from {{ ref('stg_declared_suite_tasks') }}

),

protected_suites as (

    select distinct
        suite_id,
        suite_version
    from suites
    where is_protected

),

protected_tasks as (

    select distinct
        suite_id,
        task_id
    from suite_tasks
    where is_protected

),

protected_runs as (

    select distinct
        runs.organization_id,
        runs.run_id,
        runs.suite_id,
        runs.task_id
    from runs
    left join protected_suites
        on
            runs.suite_id = protected_suites.suite_id
            and coalesce(protected_suites.suite_version, runs.suite_version, '')
            = coalesce(runs.suite_version, '')
    left join protected_tasks
        on
            runs.suite_id = protected_tasks.suite_id
            and runs.task_id = protected_tasks.task_id
    where
        protected_suites.suite_id is not null
        or protected_tasks.suite_id is not null

)

select * from protected_runs
