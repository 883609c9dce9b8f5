{% set tables = [
    'runs',
    'steps',
    'llm_calls',
    'tool_calls',
    'messages',
    'scores',
    'errors',
    'events',
    'payloads',
] %}

with

ledger as (

    select * from {{ ref('stg_ledger') }}

),

record_fates as (

    select * from {{ ref('int_record_fates') }}

),

event_fates as (

    select * from {{ ref('int_event_fates') }}

),

text_fates as (

    select * from {{ ref('int_text_fates') }}

),

tombstones as (

    select * from {{ ref('stg_tombstones') }}

),

-- What landing counted when it wrote them.
landed as (

    {% for table in tables -%}
        {{ 'union all' if not loop.first }}
        select
            batch_id,
            '{{ table }}' as landed_table,
            {{ map_value('record_counts', table) }} as landed_count
        from ledger
        where coalesce({{ map_value('record_counts', table) }}, 0) > 0
    {% endfor %}
),

-- What the models count now, and what retention counted when it removed it.
fates as (

    select
        batch_id,
        landed_table,
        sum(visible_count) as visible_count,
        0 as expired_count,
        sum(deleted_count) as deleted_count
    from record_fates
    group by 1, 2
    union all
    select
        batch_id,
        'events' as landed_table,
        visible_count,
        0 as expired_count,
        deleted_count
    from event_fates
    union all
    select
        batch_id,
        'payloads' as landed_table,
        visible_count,
        expired_count,
        0 as deleted_count
    from text_fates
    union all
    select
        batch_id,
        landed_table,
        0 as visible_count,
        case when reason = 'run_deleted' then 0 else row_count end as expired_count,
        case when reason = 'run_deleted' then row_count else 0 end as deleted_count
    from tombstones
    where
        landed_table not in ('units', 'unmapped_fields', 'quarantine')
        and batch_id is not null

),

found as (

    select
        batch_id,
        landed_table,
        sum(visible_count) as visible_count,
        sum(expired_count) as expired_count,
        sum(deleted_count) as deleted_count
    from fates
    group by 1, 2

),

accounts as (

    select
        ---------- ids
        coalesce(landed.batch_id, found.batch_id) as batch_id,

        ---------- strings
        coalesce(landed.landed_table, found.landed_table) as landed_table,

        ---------- numerics
        coalesce(landed.landed_count, 0) as landed_count,
        cast(coalesce(found.visible_count, 0) as bigint) as visible_count,
        cast(coalesce(found.expired_count, 0) as bigint) as expired_count,
        cast(coalesce(found.deleted_count, 0) as bigint) as deleted_count
    from landed
    full outer join found
        on
            landed.batch_id = found.batch_id
            and landed.landed_table = found.landed_table

)

select * from accounts
