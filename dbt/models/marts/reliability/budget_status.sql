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
        {{ in_order('sum', 'power(cast(cost_usd as double), 2)', 'event_date') }} as day_squares,
        cast(sum(run_count) as bigint) as run_count,
        cast(sum(unpriced_run_count) as bigint) as unpriced_run_count,
        min(case when spent_so_far > max_usd then event_date end) as breached_on
    from running_totals
    group by 1, 2, 3, 4, 5, 6, 7

),

-- A period that is over spends no more, and one after as_of has no pace yet.
paced_periods as (

    select
        periods.*,
        cast(periods.spent_usd as double) as spent,
        {{ days_between('periods.first_date', 'organizations.as_of') }} + 1 as days_so_far,
        case
            when organizations.as_of between periods.first_date and periods.last_date
                then {{ days_between('organizations.as_of', 'periods.last_date') }}
            else 0
        end as days_left
    from periods
    inner join organizations on periods.organization_id = organizations.organization_id

),

projected_periods as (

    select
        *,
        floor(cast(max_usd as double) * days_so_far / nullif(spent, 0)) as days_within_budget,
        spent
        + case when days_left > 0 then spent * days_left / days_so_far else 0 end as projected_usd,
        {{ projected_total_bound('spent', 'day_squares', 'days_so_far', 'days_left', 'low') }}
            as projected_low_usd,
        {{ projected_total_bound('spent', 'day_squares', 'days_so_far', 'days_left', 'high') }}
            as projected_high_usd
    from paced_periods

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
        spent / nullif(cast(max_usd as double), 0) as used_share,
        projected_usd,
        projected_low_usd,
        projected_high_usd,
        -- The first day by the end of which the pace so far has spent more.
        case
            when breached_on is null and projected_usd > max_usd
                then {{ days_before('first_date', '-days_within_budget') }}
        end as projected_breach_on
    from projected_periods

)

select * from budget_status
