-- Every record that landed and was not deleted is in its mart, date by date of those that this build derived.
-- A failure means that a model drops or multiplies rows, or files them elsewhere. Runs count by the events
-- they fold.
{% set marts = {
    'steps': 'steps',
    'llm_calls': 'llm_calls',
    'tool_calls': 'tool_calls',
    'messages': 'messages',
    'scores': 'scores',
    'errors': 'error_occurrences',
} %}

with

affected_dates as (

    select
        event_date,
        coalesce(event_date, cast('0001-01-01' as date)) as filed_on
    from {{ ref('stg_affected_dates') }}

),

counted as (

    select
        landed_table,
        coalesce(event_date, cast('0001-01-01' as date)) as filed_on,
        sum(visible_count) as landed_count,
        0 as visible_count
    from {{ ref('int_record_fates') }}
    group by 1, 2
    union all
    select
        'runs' as landed_table,
        coalesce(event_date, cast('0001-01-01' as date)) as filed_on,
        0 as landed_count,
        sum(event_count) as visible_count
    from {{ ref('int_runs') }}
    group by 1, 2
    {% for landed_table, mart in marts.items() %}
        union all
        select
            '{{ landed_table }}' as landed_table,
            coalesce(event_date, cast('0001-01-01' as date)) as filed_on,
            0 as landed_count,
            count(*) as visible_count
        from {{ ref(mart) }}
        group by 1, 2
    {% endfor %}
)

select
    counted.landed_table,
    affected_dates.event_date,
    sum(counted.landed_count) as landed_count,
    sum(counted.visible_count) as visible_count
from counted
inner join affected_dates on counted.filed_on = affected_dates.filed_on
group by 1, 2
having sum(counted.landed_count) <> sum(counted.visible_count)
