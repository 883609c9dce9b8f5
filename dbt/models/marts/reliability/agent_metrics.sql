{% set keys = ['organization_id', 'agent_id', 'window_name'] %}

with

agent_windows as (

    select * from {{ ref('int_agent_windows') }}

),

task_windows as (

    select * from {{ ref('int_task_windows') }}

),

{{ folded_summary_steps('agent_windows', 'task_windows', keys) }},

{{ agent_metric_steps(keys, [
    {'name': 'cost', 'suffix': '_usd', 'percents': [50, 95]},
    {'name': 'token', 'suffix': '_count', 'percents': [50, 95]},
]) }}

select * from metrics
