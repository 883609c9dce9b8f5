{#
    Values of any size as whole numbers, fifteen digits of the largest: what they and their squares add up to is the same
    to the last bit in whatever order they come, so that no sum has to hold its rows and sort them. Counts and amounts
    of a few decimals lose nothing.
#}

{# How many units are one: a power of ten. #}
{% macro units_in_one(largest) -%}
    power(1e1, 15 - ceil(log10(greatest({{ largest }}, 1e-9))))
{%- endmacro %}

{% macro as_units(value, units_in_one) -%}
    cast(round(({{ value }}) * ({{ units_in_one }})) as decimal(18, 0))
{%- endmacro %}

{# Its cast holds thirty digits, and sums of a hundred million of them. #}
{% macro units_squared(units) -%}
    cast({{ units }} as decimal(38, 0)) * ({{ units }})
{%- endmacro %}

{# Mean of `n` values, from the sum of their units. #}
{% macro units_mean(total, n, units_in_one) -%}
    cast({{ total }} as double) / ({{ n }}) / ({{ units_in_one }})
{%- endmacro %}

{#
    Sample variance of `n` values, from the sum of their units and of the squares of these. Taken about the whole number
    next to the mean: squares alone would lose what tells apart differences that are nearly the same.
#}
{% macro units_variance(total, squares, n, units_in_one) -%}
    {%- set centre = 'cast(round(cast(' ~ total ~ ' as double) / ' ~ n ~ ') as decimal(18, 0))' -%}
    (
        cast({{ squares }} - {{ centre }} * (2 * {{ total }} - {{ n }} * {{ centre }}) as double)
        - power(cast({{ total }} - {{ n }} * {{ centre }} as double), 2) / {{ n }}
    ) / nullif({{ n }} - 1, 0) / power({{ units_in_one }}, 2)
{%- endmacro %}
