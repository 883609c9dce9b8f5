with

agent_days as (

    select * from {{ ref('int_agent_days') }}

),

windows as (

    select * from {{ ref('int_windows') }}

),

days as (

    select distinct
        organization_id,
        event_date
    from agent_days

),

-- Undated runs count in the window `all` alone; what lies after as_of counts in none.
window_days as (

    select
        windows.organization_id,
        windows.window_name,
        days.event_date
    from days
    inner join windows
        on
            days.organization_id = windows.organization_id
            and (
                days.event_date between windows.first_date and windows.last_date
                or (
                    windows.window_name = 'all'
                    and (days.event_date is null or days.event_date <= windows.last_date)
                )
            )

)

select * from window_days
