with

weeks as (

    select * from {{ ref('int_suggestion_weeks') }}

),

-- Every fourth week with a full month after it: the months that judge do not overlap.
judged_weeks as (

    select * from weeks
    where
        is_suggested
        and week_number >= 4
        and mod(week_number, 4) = 0
        and next_excess is not null

),

counts as (

    select
        organization_id,
        rule_id,
        rule_version,
        count(*) as suggestion_count,
        count(case when next_excess > 0 then 1 end) as confirmed_count,
        {{ in_order('avg', 'excess', 'agent_id, capability, week_number') }} as avg_expected_effect,
        {{ in_order('avg', 'next_excess', 'agent_id, capability, week_number') }} as avg_excess_afterwards
    from judged_weeks
    group by 1, 2, 3

),

backtests as (

    select
        organization_id,
        rule_id,
        rule_version,
        suggestion_count,
        confirmed_count,
        cast(confirmed_count as double) / suggestion_count as confirmed_rate,
        {{ wilson_bound('cast(confirmed_count as double)', 'suggestion_count', 'low') }}
            as confirmed_rate_low,
        {{ wilson_bound('cast(confirmed_count as double)', 'suggestion_count', 'high') }}
            as confirmed_rate_high,
        avg_expected_effect,
        avg_excess_afterwards
    from counts

)

select * from backtests
