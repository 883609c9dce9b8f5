with

budgets as (

    select * from {{ ref('stg_declared_budgets') }}

),

runs as (

    select * from {{ ref('int_runs') }}
    where event_date is not null

),

organizations as (

    select * from {{ ref('int_as_of') }}

),

spending as (

    select
        organization_id,
        agent_id,
        event_date,
        count(*) as run_count,
        count(*) - count(cost_usd) as unpriced_run_count,
        coalesce(sum(cost_usd), 0) as cost_usd
    from runs
    group by 1, 2, 3

),

-- A budget without an agent is the whole organization's.
budget_days as (

    select
        spending.organization_id,
        budgets.name as budget,
        budgets.agent_id,
        budgets.period,
        budgets.max_usd,
        case budgets.period
            when 'day' then spending.event_date
            when 'week' then {{ first_day_of('week', 'spending.event_date') }}
            else {{ first_day_of('month', 'spending.event_date') }}
        end as first_date,
        spending.event_date,
        sum(spending.run_count) as run_count,
        sum(spending.unpriced_run_count) as unpriced_run_count,
        sum(spending.cost_usd) as cost_usd
    from budgets
    inner join spending
        on
            (budgets.organization_id is null or budgets.organization_id = spending.organization_id)
            and (budgets.agent_id is null or budgets.agent_id = spending.agent_id)
    group by 1, 2, 3, 4, 5, 6, 7

),

running_totals as (

    select
        *,
        sum(cost_usd) over (
            partition by organization_id, budget, first_date order by event_date
            rows between unbounded preceding and current row
        ) as spent_so_far
    from budget_days

),

periods as (

    select
        organization_id,
        budget,
        agent_id,
        period,
        first_date,
        case period
            when 'day' then first_date
            when 'week' then {{ days_before('first_date', -6) }}
            else {{ days_before(first_day_of('month', days_before('first_date', -31)), 1) }}
        end as last_date,
        max_usd,
        cast(sum(cost_usd) as decimal(18, 9)) as spent_usd,
        cast(sum(run_count) as bigint) as run_count,
        cast(sum(unpriced_run_count) as bigint) as unpriced_run_count,
        min(case when spent_so_far > max_usd then event_date end) as breached_on
    from running_totals
    group by 1, 2, 3, 4, 5, 6, 7

),

paced_periods as (

    select
        periods.*,
        {{ days_between('periods.first_date', 'periods.last_date') }} + 1 as day_count,
        {{ days_between('periods.first_date', 'organizations.as_of') }} + 1 as days_so_far
    from periods
    inner join organizations on periods.organization_id = organizations.organization_id

),

budget_status as (

    select
        organization_id,
        budget,
        agent_id,
        period,
        first_date,
        last_date,
        max_usd,
        spent_usd,
        run_count,
        unpriced_run_count,
        breached_on,
        cast(spent_usd as double) / nullif(cast(max_usd as double), 0) as used_share,
        -- At the pace so far; a period that is over spends no more, and one after as_of has no pace yet.
        case
            when days_so_far between 1 and day_count then cast(spent_usd as double) * day_count / days_so_far
            else cast(spent_usd as double)
        end as projected_usd
    from paced_periods

)

select * from budget_status
