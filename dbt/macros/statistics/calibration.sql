{#
    Calibration of stated confidence p against outcome y: bins of equal mass, and what the Brier score is made of.
#}

{#
    The value that edge k (0 to 9) of ten bins of equal mass lies at or just above, of n values that `sorted_values` put in
    order: edges are the 0 %, 10 %, ... 90 % quantiles with linear interpolation.
    An edge lies below a value that has i smaller ones exactly when k (n - 1) < 10 i: when it lies above this one.
#}
{% macro equal_mass_edge(values, n, k) -%}
    {{ item_of(values, "floor(" ~ k ~ " * ((" ~ n ~ ") - 1) / 1e1) + 1") }}
{%- endmacro %}

{# The bin, 1 to 10, of a value within its group, by the ten `equal_mass_edge` of the group: equal ones are never split. #}
{% macro equal_mass_bin(value, edges) -%}
    cast(greatest(
        {% for edge in edges -%}
            {{ '+ ' if not loop.first }}case when {{ value }} > {{ edge }} then 1 else 0 end
        {% endfor -%},
        1
    ) as bigint)
{%- endmacro %}

{# Aggregate over bins: expected calibration error, the mean distance of confidence and outcome, bins by their size. #}
{% macro expected_calibration_error(bin_count, bin_confidence, bin_outcome, position) -%}
    {{ in_order('sum', '(' ~ bin_count ~ ') * abs((' ~ bin_confidence ~ ') - (' ~ bin_outcome ~ '))', position) }}
    / nullif(sum({{ bin_count }}), 0)
{%- endmacro %}

{# Aggregate over bins: the mean squared distance of confidence and outcome (Murphy 1973); lower is better. #}
{% macro brier_reliability(bin_count, bin_confidence, bin_outcome, position) -%}
    {{ in_order('sum', '(' ~ bin_count ~ ') * power((' ~ bin_confidence ~ ') - (' ~ bin_outcome ~ '), 2)', position) }}
    / nullif(sum({{ bin_count }}), 0)
{%- endmacro %}

{# Aggregate over bins: how far outcomes of bins lie from the overall outcome; higher is better. #}
{% macro brier_resolution(bin_count, bin_outcome, outcome, position) -%}
    {{ in_order('sum', '(' ~ bin_count ~ ') * power((' ~ bin_outcome ~ ') - (' ~ outcome ~ '), 2)', position) }}
    / nullif(sum({{ bin_count }}), 0)
{%- endmacro %}

{#
    Brier = reliability - resolution + uncertainty + within_bin: what bins of several confidences hide (Stephenson et
    al. 2008), the variance of p within bins less twice its covariance with y. What one run of a bin adds to the mean over
    all runs.
#}
{% macro brier_within_bin(p, y, bin_confidence, bin_outcome) -%}
    {%- set deviation = "((" ~ p ~ ") - (" ~ bin_confidence ~ "))" -%}
    {{ deviation }} * ({{ deviation }} - 2e0 * (({{ y }}) - ({{ bin_outcome }})))
{%- endmacro %}
