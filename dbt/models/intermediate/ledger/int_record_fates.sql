{{ config(materialized='incremental') }}

{% set tables = {
    'runs': 'stg_runs',
    'steps': 'stg_steps',
    'llm_calls': 'stg_llm_calls',
    'tool_calls': 'stg_tool_calls',
    'messages': 'stg_messages',
    'scores': 'int_scores',
    'errors': 'stg_errors',
} %}

with

runs as (

    select * from {{ ref('int_runs_folded') }}

),

run_events as (

    select * from {{ ref('stg_runs') }}

),

deleted_runs as (

    select * from {{ ref('int_deleted_runs') }}

),

affected_runs as (

    select * from {{ ref('stg_affected_runs') }}

),

landed_runs as (

    select distinct
        organization_id,
        run_id
    from run_events

),

-- A deleted run is in no model any more: the index knows its day, if it ever landed.
filed_runs as (

    select
        organization_id,
        run_id,
        event_date,
        true as has_landed,
        false as is_deleted
    from runs
    union all
    select
        deleted_runs.organization_id,
        deleted_runs.run_id,
        affected_runs.event_date,
        landed_runs.run_id is not null as has_landed,
        true as is_deleted
    from deleted_runs
    left join affected_runs
        on
            deleted_runs.organization_id = affected_runs.organization_id
            and deleted_runs.run_id = affected_runs.run_id
    left join landed_runs
        on
            deleted_runs.organization_id = landed_runs.organization_id
            and deleted_runs.run_id = landed_runs.run_id

),

records as (

    {% for landed_table, model in tables.items() -%}
        {{ 'union all' if not loop.first }}
        select
            '{{ landed_table }}' as landed_table,
            batch_id,
            organization_id,
            {{ 'scored_run_id' if landed_table == 'scores' else 'run_id' }} as run_id,
            event_date
        from {{ ref(model) }}
    {% endfor %}
),

-- Filed under the day of their run, whenever they came themselves.
filed_records as (

    select
        records.landed_table,
        records.batch_id,
        case when filed_runs.has_landed then filed_runs.event_date else records.event_date end as event_date,
        coalesce(filed_runs.is_deleted, false) as is_deleted
    from records
    left join filed_runs
        on
            records.organization_id = filed_runs.organization_id
            and records.run_id = filed_runs.run_id

),

fates as (

    select
        landed_table,
        batch_id,
        event_date,
        sum(case when is_deleted then 0 else 1 end) as visible_count,
        sum(case when is_deleted then 1 else 0 end) as deleted_count
    from filed_records
    group by 1, 2, 3

)

select * from fates
