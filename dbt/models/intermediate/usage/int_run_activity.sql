with

steps as (

    select * from {{ ref('stg_steps') }}

),

tool_calls as (

    select * from {{ ref('int_tool_calls') }}

),

run_steps as (

    select
        organization_id,
        run_id,
        count(*) as step_count
    from steps
    group by 1, 2

),

-- Without a single known status nobody can say how many calls failed.
run_tool_calls as (

    select
        organization_id,
        run_id,
        count(*) as tool_call_count,
        case
            when count(status) > 0
                then sum(case when status in ('error', 'timeout') then 1 else 0 end)
        end as tool_error_count
    from tool_calls
    group by 1, 2

),

run_activity as (

    select
        coalesce(run_steps.organization_id, run_tool_calls.organization_id) as organization_id,
        coalesce(run_steps.run_id, run_tool_calls.run_id) as run_id,
        run_steps.step_count,
        run_tool_calls.tool_call_count,
        cast(run_tool_calls.tool_error_count as bigint) as tool_error_count
    from run_steps
    full outer join run_tool_calls
        on
            run_steps.organization_id = run_tool_calls.organization_id
            and run_steps.run_id = run_tool_calls.run_id

)

select * from run_activity
