{{ config(materialized='view') }}

with

days as (

    select * from {{ ref('int_agent_day_tasks') }}

),

window_days as (

    select * from {{ ref('int_window_days') }}

),

windowed_days as (

    select
        window_days.window_name,
        days.*
    from days
    inner join window_days
        on
            days.organization_id = window_days.organization_id
            and days.event_date is not distinct from window_days.event_date

)

select * from windowed_days
