{# A list of texts under a key of a JSON object in text; NULL when it is absent or no list. The key is ours. #}
{% macro json_texts(json, key) -%}
    {{ return(adapter.dispatch('json_texts')(json, key)) }}
{%- endmacro %}

{% macro duckdb__json_texts(json, key) -%}
    try_cast(json_extract({{ json }}, '$.{{ key }}') as varchar[])
{%- endmacro %}

{% macro spark__json_texts(json, key) -%}
    from_json(get_json_object({{ json }}, '$.{{ key }}'), 'array<string>')
{%- endmacro %}
