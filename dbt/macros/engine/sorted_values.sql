{#
    Aggregate: the known values of a numeric column as a list of doubles, smallest first; empty or NULL without one.
    merged_values makes one such list of those of several groups.
    item_of takes one of them, counted from 1; NULL where there is none.
#}
{% macro sorted_values(column) -%}
    {{ return(adapter.dispatch('sorted_values')(column)) }}
{%- endmacro %}

{% macro duckdb__sorted_values(column) -%}
    sorted_reals(list(cast({{ column }} as double)) filter (where {{ column }} is not null))
{%- endmacro %}

{% macro spark__sorted_values(column) -%}
    sort_array(collect_list(cast({{ column }} as double)))
{%- endmacro %}

{% macro merged_values(column) -%}
    {{ return(adapter.dispatch('merged_values')(column)) }}
{%- endmacro %}

{% macro duckdb__merged_values(column) -%}
    sorted_reals(flatten(list({{ column }})))
{%- endmacro %}

{% macro spark__merged_values(column) -%}
    sort_array(flatten(collect_list({{ column }})))
{%- endmacro %}

{% macro item_of(values, position) -%}
    {{ return(adapter.dispatch('item_of')(values, position)) }}
{%- endmacro %}

{% macro duckdb__item_of(values, position) -%}
    {{ values }}[cast({{ position }} as bigint)]
{%- endmacro %}

{% macro spark__item_of(values, position) -%}
    get({{ values }}, cast({{ position }} as int) - 1)
{%- endmacro %}
