{# What the first group of a regular expression (RE2 syntax) captures where it first matches; NULL without a match. #}
{% macro first_capture(text, pattern) -%}
    nullif(regexp_extract({{ text }}, {{ pattern }}, 1), '')
{%- endmacro %}
