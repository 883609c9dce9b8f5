{#
    Slope of y over x by least squares, from the sums over n points of the deviations' products:
    sxx = sum (x - mean x)^2, sxy = sum (x - mean x)(y - mean y), syy = sum (y - mean y)^2.
#}

{% macro least_squares_slope(sxx, sxy) -%}
    cast({{ sxy }} as double) / nullif({{ sxx }}, 0)
{%- endmacro %}

{# Standard error of the slope; its t has n - 2 degrees of freedom. NULL below three points or without spread in x. #}
{% macro least_squares_slope_se(sxx, sxy, syy, n) -%}
    sqrt(
        greatest(cast({{ syy }} as double) - power({{ sxy }}, 2) / nullif({{ sxx }}, 0), 0e0)
        / nullif(greatest(({{ n }}) - 2, 0), 0) / nullif({{ sxx }}, 0)
    )
{%- endmacro %}

{# Correlation (Pearson) from the same sums; NULL where one of the two does not vary. Of ranks it is Spearman's. #}
{% macro correlation(sxx, sxy, syy) -%}
    case
        when ({{ sxx }}) > 1e-18 and ({{ syy }}) > 1e-18
            then greatest(-1e0, least(1e0, ({{ sxy }}) / sqrt(cast({{ sxx }} as double) * ({{ syy }}))))
    end
{%- endmacro %}

{# Rank from 1 with ties at their mean, as a window expression; NULL values must not reach it. #}
{% macro mean_rank(value, partition) -%}
    (
        rank() over (partition by {{ partition | join(", ") }} order by {{ value }})
        + (count(*) over (partition by {{ partition | join(", ") }}, {{ value }}) - 1) / 2e0
    )
{%- endmacro %}
