{# Quantiles of n values that `sorted_values` put in order, and how well they are known. #}

{# Exact, with linear interpolation between neighbours (numpy's default); NULL without a value. #}
{% macro quantile_of(values, n, quantile) -%}
    {%- set place = "((" ~ n ~ ") - 1) * " ~ quantile -%}
    (
        {{ item_of(values, "floor(" ~ place ~ ") + 1") }}
        + (
            {{ item_of(values, "ceil(" ~ place ~ ") + 1") }}
            - {{ item_of(values, "floor(" ~ place ~ ") + 1") }}
        ) * (cast({{ place }} as double) - floor({{ place }}))
    )
{%- endmacro %}

{#
    One side ("low" or "high") of the 95 % interval of a quantile, whatever the values are distributed like: two of the
    values themselves, as how many of n lie below the true quantile is binomial. At most 2.5 % on either side are missed.
    NULL on both sides while n is too small for one of them: below 6 for .5, 72 for .95, 368 for .99.
#}
{% macro quantile_bound(values, n, quantile, side) -%}
    {%- if side not in ("low", "high") -%}
        {{ exceptions.raise_compiler_error("quantile_bound: side must be 'low' or 'high', not " ~ side) }}
    {%- endif -%}
    {%- set low = "binomial_quantile(25e-3, cast(" ~ n ~ " as double), " ~ quantile ~ ")" -%}
    {%- set high = "binomial_quantile(975e-3, cast(" ~ n ~ " as double), " ~ quantile ~ ")" -%}
    case
        when {{ low }} >= 1 and {{ high }} < ({{ n }})
            then {{ item_of(values, low) if side == "low" else item_of(values, high ~ " + 1") }}
    end
{%- endmacro %}
