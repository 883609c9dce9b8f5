{% set keys = ['organization_id', 'window_name'] %}

with

agent_windows as (

    select * from {{ ref('int_agent_windows') }}

),

task_windows as (

    select * from {{ ref('int_task_windows') }}

),

{{ folded_summary_steps('agent_windows', 'task_windows', keys) }},

{{ agent_metric_steps(keys) }}

select * from metrics
