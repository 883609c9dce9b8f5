{{ config(materialized='incremental') }}

with

runs as (

    select * from {{ ref('int_run_facts') }}

),

dated_runs as (

    select * from runs
    where event_date is not null

),

{{ agent_metric_steps('dated_runs', ['organization_id', 'agent_id', 'event_date']) }}

select * from metrics
