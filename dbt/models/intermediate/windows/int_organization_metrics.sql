with

run_windows as (

    select * from {{ ref('int_run_windows') }}

),

{{ agent_metric_steps('run_windows', ['organization_id', 'window_name']) }}

select * from metrics
