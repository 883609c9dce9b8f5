{# Metrics of goals that stand in agent_metrics. #}
{% set metrics = [
    'success_rate', 'avg_latency_ms', 'latency_p50_ms', 'latency_p95_ms', 'latency_p99_ms', 'avg_cost_usd',
    'cost_per_success_usd', 'hallucination_rate', 'retry_rate', 'dispute_rate',
] %}

with

goals as (

    select * from {{ ref('stg_declared_goals') }}

),

agent_metrics as (

    select * from {{ ref('agent_metrics') }}

),

organization_metrics as (

    select * from {{ ref('int_organization_metrics') }}

),

change_values as (

    select * from {{ ref('int_change_values') }}

),

agent_values as (

    {% for metric in metrics -%}
        {{ 'union all' if not loop.first }}
        select
            organization_id,
            agent_id,
            window_name,
            '{{ metric }}' as metric,
            cast({{ metric }} as double) as agent_value
        from agent_metrics
    {% endfor %}
),

-- Once over all runs, once as the mean of the agents: a busy agent hides the others in the first.
goal_values as (

    {% for metric in metrics -%}
        {{ 'union all' if not loop.first }}
        select
            organization_metrics.organization_id,
            organization_metrics.window_name,
            '{{ metric }}' as metric,
            cast(organization_metrics.{{ metric }} as double) as run_value
        from organization_metrics
    {% endfor %}
    union all

    select
        organization_id,
        window_name,
        metric,
        run_value
    from change_values

),

attained_goals as (

    select
        goal_values.organization_id,
        goals.name as goal,
        goal_values.window_name,
        goals.metric,
        goals.operator,
        goals.target,
        goals.unit,
        goals.document,
        goal_values.run_value,
        {{ in_order('avg', 'agent_values.agent_value', 'agent_values.agent_id') }} as agent_mean,
        count(agent_values.agent_value) as agent_count,
        count(case when {{ meets('agent_values.agent_value', 'goals.operator', 'goals.target') }} then 1 end)
            as meeting_agent_count
    from goals
    inner join goal_values on goals.metric = goal_values.metric
    left join agent_values
        on
            goal_values.organization_id = agent_values.organization_id
            and goal_values.window_name = agent_values.window_name
            and goal_values.metric = agent_values.metric
    group by 1, 2, 3, 4, 5, 6, 7, 8, 9

),

goal_attainment as (

    select
        *,
        {{ meets('run_value', 'operator', 'target') }} as is_met,
        {{ meets('agent_mean', 'operator', 'target') }} as is_met_by_agent_mean
    from attained_goals

)

select * from goal_attainment
