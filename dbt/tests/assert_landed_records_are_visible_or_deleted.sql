-- Every landed record is in its mart or belongs to a deleted run, date by date of those that this build
-- derived. A failure means that a model drops or multiplies rows, or files them elsewhere. Runs count by
-- the events they fold.
{% set marts = {
    'stg_steps': 'steps',
    'stg_llm_calls': 'llm_calls',
    'stg_tool_calls': 'tool_calls',
    'stg_messages': 'messages',
    'int_scores': 'scores',
} %}

with

affected_dates as (

    select
        event_date,
        coalesce(event_date, cast('0001-01-01' as date)) as filed_on
    from {{ ref('stg_affected_dates') }}

),

visible as (

    select
        'stg_runs' as landed_table,
        coalesce(event_date, cast('0001-01-01' as date)) as filed_on,
        sum(event_count) as row_count
    from {{ ref('int_runs') }}
    group by 1, 2

    {% for landed_table, mart in marts.items() %}
        union all

        select
            '{{ landed_table }}' as landed_table,
            coalesce(event_date, cast('0001-01-01' as date)) as filed_on,
            count(*) as row_count
        from {{ ref(mart) }}
        group by 1, 2
    {% endfor %}
),

landed as (

    {% for landed_table in ['stg_runs'] + marts.keys() | list -%}
        {% set run_id = 'scored_run_id' if landed_table == 'int_scores' else 'run_id' -%}
        {{ 'union all' if not loop.first }}
        select
            '{{ landed_table }}' as landed_table,
            coalesce(
                case when runs.run_id is null then records.event_date else runs.event_date end,
                cast('0001-01-01' as date)
            ) as filed_on,
            count(*) as row_count
        from {{ ref(landed_table) }} as records
        left join {{ ref('int_runs_folded') }} as runs
            on
                records.organization_id = runs.organization_id
                and records.{{ run_id }} = runs.run_id
        left join {{ ref('int_deleted_runs') }} as deleted_runs
            on
                records.organization_id = deleted_runs.organization_id
                and records.{{ run_id }} = deleted_runs.run_id
        where deleted_runs.run_id is null
        group by 1, 2
    {% endfor %}
),

counted as (

    select
        landed_table,
        filed_on,
        row_count as landed_count,
        0 as visible_count
    from landed
    union all
    select
        landed_table,
        filed_on,
        0 as landed_count,
        row_count as visible_count
    from visible

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
