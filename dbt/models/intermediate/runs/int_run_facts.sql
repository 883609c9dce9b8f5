{{ config(materialized='view') }}

with

runs as (

    select * from {{ ref('int_runs') }}

),

affected_dates as (

    select * from {{ ref('stg_affected_dates') }}

),

-- What this build derived, for the models that keep history to read.
run_facts as (

    select runs.*
    from runs
    inner join affected_dates on runs.event_date is not distinct from affected_dates.event_date

)

select * from run_facts
