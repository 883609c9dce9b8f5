{# Rows that share a key, or whose key has a NULL part. #}
{% test unique_key(model, columns) %}

    select
        {{ columns | join(', ') }},
        count(*) as row_count
    from {{ model }}
    group by {{ columns | join(', ') }}
    having
        count(*) > 1
        {%- for column in columns %}
        or ({{ column }}) is null
        {%- endfor %}

{% endtest %}
