{% set keys = ['organization_id', 'agent_id', 'capability', 'window_name'] %}

with

agent_windows as (

    select * from {{ ref('int_agent_windows') }}

),

task_windows as (

    select * from {{ ref('int_task_windows') }}

),

{{ folded_summary_steps('agent_windows', 'task_windows', keys) }},

{{ agent_metric_steps(keys) }},

spreads as (

    select
        organization_id,
        agent_id,
        capability,
        window_name,
        {{ spread('latency_sum', 'latency_squares', 'latency_known_count') }} as latency_stddev_ms,
        {{ spread('cost_sum', 'cost_squares', 'cost_known_count') }} as cost_stddev_usd
    from run_summary

),

capability_metrics as (

    select
        metrics.*,
        spreads.latency_stddev_ms,
        spreads.cost_stddev_usd
    from metrics
    inner join spreads
        on
            metrics.organization_id = spreads.organization_id
            and metrics.agent_id = spreads.agent_id
            and metrics.capability = spreads.capability
            and metrics.window_name = spreads.window_name

)

select * from capability_metrics
