with

days as (

    select * from {{ ref('int_escalated_days') }}

),

failure_modes as (

    select * from {{ ref('failure_modes') }}

),

as_of as (

    select * from {{ ref('int_as_of') }}

),

episodes as (

    select
        organization_id,
        code,
        cast(episode as bigint) as episode,
        min(event_date) as opened_on,
        max(event_date) as last_on,
        max(week_count) as peak_week_count
    from days
    group by 1, 2, 3

),

escalations as (

    select
        episodes.organization_id,
        episodes.code,
        episodes.episode,
        failure_modes.severity,
        failure_modes.escalate_to,
        failure_modes.runbook,
        failure_modes.escalate_after,
        episodes.peak_week_count,
        coalesce(episodes.last_on > {{ days_before('as_of.as_of', 7) }}, false) as is_open,
        episodes.opened_on,
        episodes.last_on
    from episodes
    inner join failure_modes on episodes.code = failure_modes.code
    left join as_of on episodes.organization_id = as_of.organization_id

)

select * from escalations
