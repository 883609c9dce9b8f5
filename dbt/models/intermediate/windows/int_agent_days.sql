{{ config(materialized='incremental') }}

with

dated_runs as (

    select * from {{ ref('int_dated_runs') }}

),

{{ run_summary_steps('dated_runs', ['organization_id', 'agent_id', 'capability', 'event_date']) }}

select * from run_summary
