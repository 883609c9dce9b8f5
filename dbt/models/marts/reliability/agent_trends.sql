with

daily_metrics as (

    select * from {{ ref('agent_metrics_daily') }}

),

organizations as (

    select * from {{ ref('int_as_of') }}

),

spans as (

    select
        daily_metrics.organization_id,
        daily_metrics.agent_id,
        min(daily_metrics.event_date) as first_date,
        min(organizations.as_of) as last_date
    from daily_metrics
    inner join organizations on daily_metrics.organization_id = organizations.organization_id
    where daily_metrics.event_date <= organizations.as_of
    group by 1, 2

),

calendar as (

    select
        organization_id,
        agent_id,
        {{ each_day('first_date', 'last_date') }} as event_date
    from spans

),

-- A day without runs has no rate: its run_count is 0, everything measured is NULL.
trends as (

    select
        calendar.organization_id,
        calendar.agent_id,
        calendar.event_date,
        coalesce(daily_metrics.run_count, 0) as run_count,
        daily_metrics.scored_run_count,
        daily_metrics.success_count,
        daily_metrics.success_rate,
        daily_metrics.success_rate_low,
        daily_metrics.success_rate_high,
        daily_metrics.latency_p50_ms,
        daily_metrics.latency_p95_ms,
        daily_metrics.avg_cost_usd,
        daily_metrics.hallucination_rate,
        daily_metrics.retry_rate,
        daily_metrics.dispute_rate
    from calendar
    left join daily_metrics
        on
            calendar.organization_id = daily_metrics.organization_id
            and calendar.agent_id = daily_metrics.agent_id
            and calendar.event_date = daily_metrics.event_date

)

select * from trends
