with

weeks as (

    select * from {{ ref('int_period_metrics') }}
    where period = 'week'

),

failure_patterns as (

    select * from {{ ref('failure_patterns') }}

),

weekly_failures as (

    select
        organization_id,
        agent_id,
        {{ first_day_of('week', 'event_date') }} as first_date,
        code,
        sum(run_count) as failed_run_count
    from failure_patterns
    where event_date is not null
    group by 1, 2, 3, 4

),

ranked_failures as (

    select
        *,
        row_number() over (
            partition by organization_id, agent_id, first_date order by failed_run_count desc, code asc
        ) as place
    from weekly_failures

),

compared_weeks as (

    select
        weeks.*,
        before.scored_run_count as scored_run_count_before,
        before.success_rate as success_rate_before,
        before.success_rate_low as success_rate_low_before,
        before.success_rate_high as success_rate_high_before,
        ranked_failures.code as top_failure_code,
        cast(ranked_failures.failed_run_count as bigint) as top_failure_run_count
    from weeks
    left join weeks as before
        on
            weeks.organization_id = before.organization_id
            and weeks.agent_id = before.agent_id
            and before.first_date = {{ days_before('weeks.first_date', 7) }}
    left join ranked_failures
        on
            weeks.organization_id = ranked_failures.organization_id
            and weeks.agent_id = ranked_failures.agent_id
            and weeks.first_date = ranked_failures.first_date
            and ranked_failures.place = 1

),

judged_weeks as (

    select
        *,
        case
            when success_rate is null then 'unknown'
            when success_rate_before is null then 'first'
            when success_rate_low > success_rate_high_before then 'better'
            when success_rate_high < success_rate_low_before then 'worse'
            else 'unchanged'
        end as change
    from compared_weeks

),

-- One template over the figures beside it: nothing in the text that is not in a column.
evaluation_reports as (

    select
        organization_id,
        agent_id,
        first_date as week_start,
        run_count,
        scored_run_count,
        success_count,
        success_rate,
        success_rate_low,
        success_rate_high,
        scored_run_count_before,
        success_rate_before,
        change,
        avg_cost_usd,
        cost_per_success_usd,
        latency_p95_ms,
        top_failure_code,
        top_failure_run_count,
        'Week of ' || cast(first_date as string) || ': ' || cast(run_count as string) || ' runs, '
        || cast(scored_run_count as string) || ' scored'
        || coalesce(
            ', success '
            || {{ percent_text('success_rate') }}
            || ' ('
            || {{ percent_text('success_rate_low') }}
            || ' to ' || {{ percent_text('success_rate_high') }} || ')', ', success unknown'
        )
        || coalesce(
            ', the week before ' || {{ percent_text('success_rate_before') }} || ' of '
            || cast(scored_run_count_before as string) || ': ' || change, ''
        )
        || coalesce(
            '. Most frequent failure: ' || top_failure_code || ' in ' || cast(top_failure_run_count as string)
            || ' runs', ''
        )
        || '.' as summary
    from judged_weeks

)

select * from evaluation_reports
