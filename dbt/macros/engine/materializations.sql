{#
    How DuckDB makes the relations of this project: each in one statement in place of the old one. A statement is a
    transaction by itself; only what takes several is one of dbt's.
    dbt's own ways make a second relation and swap the two by renames, which costs more than most models do.
    Models have no hooks, grants or indexes.
#}
{% materialization table, adapter='duckdb' %}
    {%- set target = this.incorporate(type='table') -%}
    {%- set query = contracted(sql) -%}
    {% do drop_other_kind(target) %}
    {% call statement('main', auto_begin=False) -%}
        {{ made('create or replace table ' ~ target ~ ' as (' ~ query ~ ')', 'insert into ' ~ target ~ ' by name ' ~ query) }}
    {%- endcall %}
    {{ return({'relations': [target]}) }}
{% endmaterialization %}

{% materialization view, adapter='duckdb' %}
    {%- set target = this.incorporate(type='view') -%}
    {% do drop_other_kind(target) %}
    {% call statement('main', auto_begin=False) -%}
        create or replace view {{ target }} as ({{ contracted(sql) }})
    {%- endcall %}
    {{ return({'relations': [target]}) }}
{% endmaterialization %}

{#
    A model that keeps history: rows of the affected dates are taken away, and what the build derived for these dates is
    put in their place. Rows of other dates, which a slice may hold in part, are not.
#}
{% materialization incremental, adapter='duckdb' %}
    {%- set target = this.incorporate(type='table') -%}
    {%- set old = load_cached_relation(this) -%}
    {%- set affected = 'declared.affected_dates' -%}
    {%- set query = contracted(sql) -%}
    {% do drop_other_kind(target) %}
    {% call statement('main') -%}
        {%- if old is none or not old.is_table or should_full_refresh() -%}
            {{ made('create or replace table ' ~ target ~ ' as (' ~ query ~ ')', 'insert into ' ~ target ~ ' by name ' ~ query) }}
        {%- else -%}
            delete from {{ target }}
            where event_date in (select event_date from {{ affected }} where event_date is not null);
            delete from {{ target }}
            where event_date is null and exists (select 1 from {{ affected }} where event_date is null);
            {%- set added -%}
                insert into {{ target }} by name
                select * from ({{ query }}) as derived
                where exists (
                    select 1 from {{ affected }} as affected
                    where affected.event_date is not distinct from derived.event_date
                )
            {%- endset -%}
            {{ made(added, added) }}
        {%- endif -%}
    {%- endcall %}
    {% do adapter.commit() %}
    {{ return({'relations': [target]}) }}
{% endmaterialization %}

{# The statement that makes a model; of one made in lots `first` for the first of them, `next` for each other. #}
{% macro made(first, next) -%}
    {{ lot_by_lot(first, next) if config.get('meta', {}).get('lots') else first }}
{%- endmacro %}

{# The query of a model; where its contract is enforced, compared with it first, and in its order of columns. #}
{% macro contracted(sql) -%}
    {%- if config.get('contract').enforced -%}
        {{ get_assert_columns_equivalent(sql) }}
        {{ get_select_subquery(sql) }}
    {%- else -%}
        {{ sql }}
    {%- endif -%}
{%- endmacro %}

{% macro drop_other_kind(target) %}
    {%- set old = load_cached_relation(target) -%}
    {% if old is not none and old.type != target.type %}
        {% do adapter.drop_relation(old) %}
    {% endif %}
{% endmacro %}

{# A test asks one question. Failing rows are counted, and kept nowhere. #}
{% materialization test, adapter='duckdb' %}
    {% call statement('main', fetch_result=True, auto_begin=False) -%}
        {{ get_test_sql(
            get_limit_subquery_sql(sql, config.get('limit')),
            config.get('fail_calc'), config.get('warn_if'), config.get('error_if'), limit=none
        ) }}
    {%- endcall %}
    {{ return({'relations': []}) }}
{% endmaterialization %}
