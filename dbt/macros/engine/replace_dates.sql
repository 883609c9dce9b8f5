{#
    The incremental strategy of models that keep history: rows of the affected dates are taken away, and what the
    build derived for these dates is put in their place. Rows of other dates, which a slice may hold in part, are not.
#}
{% macro get_incremental_replace_dates_sql(arg_dict) -%}
    {{ return(adapter.dispatch('replace_dates')(arg_dict)) }}
{%- endmacro %}

{% macro duckdb__replace_dates(arg_dict) -%}
    {%- set target = arg_dict['target_relation'] -%}
    {%- set columns = arg_dict['dest_columns'] | map(attribute='quoted') | join(', ') -%}
    {%- set affected = 'declared.affected_dates' -%}
    delete from {{ target }} where event_date in (select event_date from {{ affected }} where event_date is not null);
    delete from {{ target }} where event_date is null and exists (select 1 from {{ affected }} where event_date is null);
    insert into {{ target }} ({{ columns }})
    select {{ columns }} from {{ arg_dict['temp_relation'] }} as derived
    where exists (select 1 from {{ affected }} as affected where affected.event_date is not distinct from derived.event_date)
{%- endmacro %}
