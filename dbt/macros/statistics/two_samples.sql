{# Two independent samples from their means, sample variances and counts: Welch's t, and the split between them. #}

{% macro welch_se(variance_a, n_a, variance_b, n_b) -%}
    nullif(sqrt(cast({{ variance_a }} as double) / nullif({{ n_a }}, 0) + ({{ variance_b }}) / nullif({{ n_b }}, 0)), 0)
{%- endmacro %}

{# Welch-Satterthwaite; NULL below two in a sample. #}
{% macro welch_degrees_of_freedom(variance_a, n_a, variance_b, n_b) -%}
    power(cast({{ variance_a }} as double) / nullif({{ n_a }}, 0) + ({{ variance_b }}) / nullif({{ n_b }}, 0), 2)
    / nullif(
        power(cast({{ variance_a }} as double) / nullif({{ n_a }}, 0), 2) / nullif(({{ n_a }}) - 1, 0)
        + power(cast({{ variance_b }} as double) / nullif({{ n_b }}, 0), 2) / nullif(({{ n_b }}) - 1, 0),
        0
    )
{%- endmacro %}

{# Sample-ratio mismatch: chi-square p of counts in two arms against the share planned for the first. #}
{% macro sample_ratio_p_value(n_a, n_b, planned_share_a) -%}
    chi_square_tail(
        power(({{ n_a }}) - (({{ n_a }}) + ({{ n_b }})) * cast({{ planned_share_a }} as double), 2)
        / nullif(
            (({{ n_a }}) + ({{ n_b }})) * cast({{ planned_share_a }} as double) * (1e0 - ({{ planned_share_a }})), 0
        ),
        1e0
    )
{%- endmacro %}

{# A fall worth a word: significant after adjustment, large enough to matter, and with enough runs on both sides. #}
{% macro is_regression(q_value, difference, n_now, n_before, smallest_effect, smallest_n) -%}
    coalesce(
        ({{ q_value }}) < 0.05
        and ({{ difference }}) <= -({{ smallest_effect }})
        and ({{ n_now }}) >= ({{ smallest_n }})
        and ({{ n_before }}) >= ({{ smallest_n }}),
        false
    )
{%- endmacro %}

{#
    One side of the 95 % interval of the difference of two independent rates, from each rate and its own Wilson bounds
    (Newcombe 1998). NULL when a rate is.
#}
{% macro rate_difference_bound(rate_a, low_a, high_a, rate_b, low_b, high_b, side) -%}
    (
        ({{ rate_a }}) - ({{ rate_b }})
        {%- if side == "low" %}
        - sqrt(power(({{ rate_a }}) - ({{ low_a }}), 2) + power(({{ high_b }}) - ({{ rate_b }}), 2))
        {%- else %}
        + sqrt(power(({{ high_a }}) - ({{ rate_a }}), 2) + power(({{ rate_b }}) - ({{ low_b }}), 2))
        {%- endif %}
    )
{%- endmacro %}
