{# Aggregate: the distinct known values of a column as a sorted list. #}
{% macro distinct_list(column) -%}
    {{ return(adapter.dispatch('distinct_list')(column)) }}
{%- endmacro %}

{% macro duckdb__distinct_list(column) -%}
    list_sort(list(distinct {{ column }}))
{%- endmacro %}

{% macro spark__distinct_list(column) -%}
    sort_array(collect_set({{ column }}))
{%- endmacro %}

{# The element of a list at a place, from 1. #}
{% macro list_element(list, place) -%}
    {{ return(adapter.dispatch('list_element')(list, place)) }}
{%- endmacro %}

{% macro duckdb__list_element(list, place) -%}
    {{ list }}[{{ place }}]
{%- endmacro %}

{% macro spark__list_element(list, place) -%}
    element_at({{ list }}, cast({{ place }} as int))
{%- endmacro %}
