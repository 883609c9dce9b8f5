{#
    Whether a row belongs to the lot that is being made of a model made in lots, by a key that all rows of a group share.
    Lists and sums in an order are held in memory whole, group for group, and are never put on disk: a model that makes
    them of every run says in its `meta: {lots: {rows_of: MODEL, bytes_a_row: N}}` what a row of that table takes, and is
    made in as many passes as keep each within half of the memory. Without lots, and on Spark, every row belongs.
#}
{% macro in_lot(key) -%}
    {{ return(adapter.dispatch('in_lot')(key)) }}
{%- endmacro %}

{% macro duckdb__in_lot(key) -%}
    hash({{ key }}) % coalesce(getvariable('lots'), 1::ubigint) = coalesce(getvariable('lot'), 0::ubigint)
{%- endmacro %}

{% macro spark__in_lot(key) -%}
    true
{%- endmacro %}

{# How many lots the model at hand is made in. #}
{% macro lot_count() -%}
    {%- set lots = config.get('meta', {}).get('lots') -%}
    {%- if not lots -%}{{ return(1) }}{%- endif -%}
    {%- set found = run_query(
        "select cast(1 + coalesce(sum(estimated_size), 0) * 2 * " ~ lots.bytes_a_row
        ~ " // parse_formatted_bytes(current_setting('memory_limit')) as integer) "
        ~ "from duckdb_tables() where schema_name = 'intermediate' and table_name = '" ~ lots.rows_of ~ "'"
    ) -%}
    {{ return(found.rows[0][0] | int) }}
{%- endmacro %}

{# Statements: `first` for the first lot, then `next` for each other. #}
{% macro lot_by_lot(first, next) -%}
    {%- set lots = lot_count() -%}
    set variable lots = {{ lots }}::ubigint;
    {% for lot in range(lots) -%}
        set variable lot = {{ lot }}::ubigint;
        {{ first if loop.first else next }};
    {% endfor -%}
    set variable lots = 1::ubigint;
    set variable lot = 0::ubigint
{%- endmacro %}
