{% set keys = ['organization_id', 'agent_id', 'period', 'first_date'] %}

with

agent_days as (

    select * from {{ ref('int_agent_days') }}
    where event_date is not null

),

day_tasks as (

    select * from {{ ref('int_agent_day_tasks') }}
    where event_date is not null

),

agent_periods as (

    {% for period in ['week', 'quarter'] -%}
        {{ 'union all' if not loop.first }}
        select
            '{{ period }}' as period,
            {{ first_day_of(period, 'event_date') }} as first_date,
            *
        from agent_days
    {% endfor %}
),

task_periods as (

    {% for period in ['week', 'quarter'] -%}
        {{ 'union all' if not loop.first }}
        select
            '{{ period }}' as period,
            {{ first_day_of(period, 'event_date') }} as first_date,
            *
        from day_tasks
    {% endfor %}
),

{{ folded_summary_steps('agent_periods', 'task_periods', keys) }},

{{ agent_metric_steps(keys) }}

select * from metrics
