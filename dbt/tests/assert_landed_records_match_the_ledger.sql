-- What the ledger says landed from a file is what lies in the landed tables, table by table. A failure
-- means that a live file is missing from the snapshot, or that one is live which no ledger row accounts for.
{% set tables = ['runs', 'steps', 'llm_calls', 'tool_calls', 'messages', 'scores', 'errors', 'events'] %}

with

landed as (

    select * from {{ ref('stg_batch_counts') }}
    where landed_table <> 'units'

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
