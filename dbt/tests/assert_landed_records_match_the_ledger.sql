-- What the ledger says landed from a file is what lies in the landed tables or was removed by retention,
-- table by table. A failure means that a live file is missing from the snapshot, or that one is live which
-- no ledger row accounts for.
{% set tables = ['runs', 'steps', 'llm_calls', 'tool_calls', 'messages', 'scores', 'errors', 'events'] %}

with

counted as (

    select
        batch_id,
        landed_table,
        row_count
    from {{ ref('stg_batch_counts') }}
    where landed_table <> 'units'
    union all
    select
        batch_id,
        landed_table,
        row_count
    from {{ ref('retention_tombstones') }}
    where landed_table not in ('units', 'unmapped_fields', 'payloads', 'quarantine')

),

landed as (

    select
        batch_id,
        landed_table,
        sum(row_count) as row_count
    from counted
    group by 1, 2

),

promised as (

    {% for table in tables -%}
        {{ 'union all' if not loop.first }}
        select
            batch_id,
            '{{ table }}' as landed_table,
            landed_{{ table }}_count as row_count
        from {{ ref('landing_ledger') }}
        where landed_{{ table }}_count > 0
    {% endfor %}
)

select
    coalesce(landed.batch_id, promised.batch_id) as batch_id,
    coalesce(landed.landed_table, promised.landed_table) as landed_table,
    landed.row_count as landed_count,
    promised.row_count as promised_count
from landed
full outer join promised
    on
        landed.batch_id = promised.batch_id
        and landed.landed_table = promised.landed_table
where coalesce(landed.row_count, 0) <> coalesce(promised.row_count, 0)
