{# How many characters must be put in, taken out or exchanged to make one text of another (Levenshtein 1965). #}
{% macro edit_distance(text, other) -%}
    levenshtein({{ text }}, {{ other }})
{%- endmacro %}
