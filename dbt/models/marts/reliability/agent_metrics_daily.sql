{{ config(materialized='incremental') }}

{% set keys = ['organization_id', 'agent_id', 'event_date'] %}

with

dated_runs as (

    select * from {{ ref('int_dated_runs') }}
    where event_date is not null

),

{{ run_summary_steps('dated_runs', keys) }},

{{ agent_metric_steps(keys) }}

select * from metrics
