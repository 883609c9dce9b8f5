{#
    Aggregates of values that are no larger than a rate or a score, added as decimals of 18 places: the same to the last
    bit in whatever order they come, and without sorting them.
#}
{% macro exact_total(value) -%}
    sum(cast({{ value }} as decimal(38, 18)))
{%- endmacro %}

{% macro exact_sum(value) -%}
    cast({{ exact_total(value) }} as double)
{%- endmacro %}

{% macro exact_avg(value) -%}
    ({{ exact_sum(value) }} / nullif(count({{ value }}), 0))
{%- endmacro %}
