{#
    The success rate if every run that is left out (infrastructure, unscored) had scored this: 0 gives the floor, 1 the
    ceiling of what the rate could be. NULL without any run.
#}
{% macro rate_if_left_out_scored(score_sum, n, left_out, score) -%}
    (cast({{ score_sum }} as double) + ({{ score }}) * ({{ left_out }})) / nullif(({{ n }}) + ({{ left_out }}), 0)
{%- endmacro %}
