{# How fast an error budget burns: 1 uses it up exactly over the period of the target. NULL without a run. #}
{% macro burn_rate(bad_count, n, target) -%}
    cast({{ bad_count }} as double) / nullif({{ n }}, 0) / nullif(1e0 - ({{ target }}), 0)
{%- endmacro %}

{#
    The burn rate that pages (14.4, 6 or 1 of Google's SRE workbook). Below a target of 93.06 % even a total failure
    burns slower than 14.4: then all of them shrink so that the fastest equals a total failure.
#}
{% macro burn_threshold(threshold, target) -%}
    ({{ threshold }}) * least(1e0, 1e0 / (1.44e1 * (1e0 - ({{ target }}))))
{%- endmacro %}
