with

tool_calls as (

    select * from {{ ref('tool_calls') }}

),

runs as (

    select * from {{ ref('agent_runs') }}

),

schema_validation as (

    select
        tool_calls.organization_id,
        tool_calls.tool_name,
        runs.agent_id,
        tool_calls.event_date,
        count(*) as call_count,
        count(tool_calls.arguments_valid) as validated_count,
        count(case when not tool_calls.arguments_valid then 1 end) as invalid_count,
        cast(count(tool_calls.arguments_valid) as double) / count(*) as validated_share,
        cast(count(case when not tool_calls.arguments_valid then 1 end) as double)
        / nullif(count(tool_calls.arguments_valid), 0) as invalid_share
    from tool_calls
    left join runs
        on
            tool_calls.organization_id = runs.organization_id
            and tool_calls.run_id = runs.run_id
    group by tool_calls.organization_id, tool_calls.tool_name, runs.agent_id, tool_calls.event_date

)

select * from schema_validation
