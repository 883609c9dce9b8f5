{% set scope = ['organization_id', 'agent_id', 'capability'] | join(', ') %}
{% set frames = [
    ('last', 'between current row and 3 following'), ('next', 'between 4 preceding and 1 preceding')
] %}

with

days as (

    select * from {{ ref('int_suggestion_days') }}

),

as_of as (

    select * from {{ ref('int_as_of') }}

),

rules as (

    select * from {{ ref('stg_declared_suggestion_rules') }}

),

weeks as (

    select distinct
        organization_id,
        week_number
    from days

),

agents as (

    select
        {{ scope }},
        rule_id,
        max(week_number) as first_week
    from days
    group by {{ scope }}, rule_id

),

sums as (

    select
        {{ scope }},
        rule_id,
        week_number,
        sum(run_count) as run_count,
        sum(hit_count) as hit_count
    from days
    group by {{ scope }}, rule_id, week_number

),

-- Also the weeks in which an agent did nothing: its last four weeks may hold runs all the same.
agent_weeks as (

    select
        agents.organization_id,
        agents.agent_id,
        agents.capability,
        agents.rule_id,
        weeks.week_number,
        coalesce(sums.run_count, 0) as run_count,
        coalesce(sums.hit_count, 0) as hit_count
    from agents
    inner join weeks
        on
            agents.organization_id = weeks.organization_id
            and agents.first_week >= weeks.week_number
    left join sums
        on
            agents.organization_id = sums.organization_id
            and agents.agent_id = sums.agent_id
            and agents.capability = sums.capability
            and agents.rule_id = sums.rule_id
            and weeks.week_number = sums.week_number

),

-- Four weeks up to this one, and the four after it; what came later never enters the first.
periods as (

    select
        {{ scope }},
        rule_id,
        week_number,
        {% for name, frame in frames -%}
            coalesce(sum(run_count) over (
                partition by {{ scope }}, rule_id order by week_number range {{ frame }}
            ), 0) as {{ name }}_run_count,
            coalesce(sum(hit_count) over (
                partition by {{ scope }}, rule_id order by week_number range {{ frame }}
            ), 0) as {{ name }}_hit_count,
        {% endfor -%}
        min(week_number) over (partition by organization_id) as newest_week
    from agent_weeks

),

-- The others of the capability: an agent is no measure of itself.
compared_periods as (

    select
        *,
        {% for name, frame in frames -%}
            sum({{ name }}_run_count) over (
                partition by organization_id, capability, rule_id, week_number
            ) - {{ name }}_run_count as {{ name }}_other_run_count,
            sum({{ name }}_hit_count) over (
                partition by organization_id, capability, rule_id, week_number
            ) - {{ name }}_hit_count as {{ name }}_other_hit_count,
        {% endfor -%}
        newest_week = week_number as is_newest
    from periods

),

rates as (

    select
        *,
        {% for name, frame in frames -%}
            cast({{ name }}_hit_count as double) / nullif({{ name }}_run_count, 0) as {{ name }}_rate,
            cast({{ name }}_other_hit_count as double) / nullif({{ name }}_other_run_count, 0)
                as {{ name }}_other_rate,
        {% endfor -%}
        {% for who in ['last', 'last_other'] -%}
            {{ wilson_bound('cast(' ~ who ~ '_hit_count as double)', who ~ '_run_count', 'low') }}
                as {{ who }}_rate_low,
            {{ wilson_bound('cast(' ~ who ~ '_hit_count as double)', who ~ '_run_count', 'high') }}
                as {{ who }}_rate_high,
        {% endfor -%}
        last_hit_count > 0 as is_hit
    from compared_periods

),

bounds as (

    select
        *,
        last_rate - last_other_rate as excess,
        next_rate - next_other_rate as next_excess,
        last_rate / nullif(last_other_rate, 0) as lift,
        {{ rate_difference_bound(
            'last_rate', 'last_rate_low', 'last_rate_high', 'last_other_rate', 'last_other_rate_low',
            'last_other_rate_high', 'low',
        ) }} as excess_low,
        {{ rate_difference_bound(
            'last_rate', 'last_rate_low', 'last_rate_high', 'last_other_rate', 'last_other_rate_low',
            'last_other_rate_high', 'high',
        ) }} as excess_high
    from rates

),

suggestion_weeks as (

    select
        bounds.organization_id,
        bounds.agent_id,
        bounds.capability,
        bounds.rule_id,
        bounds.week_number,
        {{ days_before('as_of.as_of', '7 * cast(bounds.week_number as integer)') }} as last_date,
        bounds.is_newest,
        rules.version as rule_version,
        rules.action,
        bounds.last_run_count as run_count,
        bounds.last_hit_count as hit_count,
        bounds.last_rate as hit_rate,
        bounds.last_other_run_count as other_run_count,
        bounds.last_other_rate as other_hit_rate,
        bounds.lift,
        bounds.excess,
        bounds.excess_low,
        bounds.excess_high,
        bounds.next_run_count,
        bounds.next_rate as next_hit_rate,
        bounds.next_excess,
        coalesce(
            bounds.last_hit_count >= rules.minimum_runs
            and bounds.excess_low > 0
            and coalesce(bounds.lift >= rules.minimum_lift, true),
            false
        ) as is_suggested
    from bounds
    inner join rules
        on bounds.rule_id = rules.rule_id
    inner join as_of
        on bounds.organization_id = as_of.organization_id

)

select * from suggestion_weeks
