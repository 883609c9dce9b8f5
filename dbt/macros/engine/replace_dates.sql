{# Spark's process has taken the affected dates away before; a date of which nothing is left has no row to overwrite. #}
{% macro spark__replace_dates(arg_dict) -%}
    {%- set columns = arg_dict['dest_columns'] | map(attribute='quoted') | join(', ') -%}
    insert overwrite table {{ arg_dict['target_relation'] }} partition (event_date)
    select {{ columns }} from {{ arg_dict['temp_relation'] }} as derived
    where exists (
        select 1 from declared.affected_dates as affected where affected.event_date is not distinct from derived.event_date
    )
{%- endmacro %}

{# What dbt-spark calls for the one strategy of its own that replaces partitions. #}
{% macro get_insert_overwrite_sql(source_relation, target_relation, existing_relation) -%}
    {{ spark__replace_dates({
        'target_relation': target_relation,
        'temp_relation': source_relation,
        'dest_columns': adapter.get_columns_in_relation(target_relation),
    }) }}
{%- endmacro %}

{# A model that keeps history lies by date on Spark, so that a date can be replaced. #}
{% macro spark__partition_cols(label, required=false) -%}
    {%- if config.get('materialized') == 'incremental' %}{{ label }} (event_date){% endif -%}
{%- endmacro %}
