{# A text field of a JSON object in text; NULL when it is absent or null. The key is ours, never a log value. #}
{% macro json_field(json, key) -%}
    {{ return(adapter.dispatch('json_field')(json, key)) }}
{%- endmacro %}

{% macro duckdb__json_field(json, key) -%}
    json_extract_string({{ json }}, '$.{{ key }}')
{%- endmacro %}

{% macro spark__json_field(json, key) -%}
    get_json_object({{ json }}, '$.{{ key }}')
{%- endmacro %}
