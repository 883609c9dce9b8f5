{{ config(materialized='incremental') }}

with

scored_runs as (

    select * from {{ ref('int_dated_runs') }}
    where population = 'scored'

),

{{ task_outcome_steps('scored_runs', ['organization_id', 'agent_id', 'capability', 'event_date']) }}

select * from task_outcomes
