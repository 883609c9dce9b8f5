{{ config(meta={'lots': {'rows_of': 'int_compared_tasks', 'bytes_a_row': 2000}}) }}

{% set suite = ['organization_id', 'suite_id', 'suite_version'] %}

with

compared_tasks as (

    select * from {{ ref('int_compared_tasks') }}
    where {{ in_lot('task_key') }}

),

means as (

    select
        {{ suite | join(', ') }},
        task_key,
        count(*) as variant_count,
        cast(sum(run_count) as bigint) as run_count,
        cast(sum(success_count) as bigint) as success_count,
        count(case when success_count > 0 then 1 end) as solving_variant_count,
        {{ in_order('sum', 'credit_sum', 'variant_label') }} as credit_sum,
        {{ in_order('avg', 'credit_mean', 'variant_label') }} as mean_credit,
        {{ in_order('avg', 'rest_mean', 'variant_label') }} as mean_rest
    from compared_tasks
    group by {{ suite | join(', ') }}, task_key

),

sums as (

    select
        {% for key in suite + ['task_key'] -%}
            means.{{ key }},
        {% endfor -%}
        {{ in_order(
            'sum', 'power(compared_tasks.credit_mean - means.mean_credit, 2)', 'compared_tasks.variant_label'
        ) }} as sxx,
        {{ in_order(
            'sum',
            '(compared_tasks.credit_mean - means.mean_credit) * (compared_tasks.rest_mean - means.mean_rest)',
            'compared_tasks.variant_label',
        ) }} as sxy,
        {{ in_order(
            'sum', 'power(compared_tasks.rest_mean - means.mean_rest, 2)', 'compared_tasks.variant_label'
        ) }} as syy
    from means
    inner join compared_tasks
        on
            {% for key in suite + ['task_key'] -%}
                {{ 'and ' if not loop.first }}means.{{ key }} = compared_tasks.{{ key }}
            {% endfor %}
    group by
        {% for key in suite %}means.{{ key }}, {% endfor %}means.task_key

),

task_statistics as (

    select
        means.organization_id,
        means.suite_id,
        means.suite_version,
        means.task_key as task_id,
        means.variant_count,
        means.solving_variant_count,
        means.run_count,
        means.success_count,
        means.credit_sum / means.run_count as success_rate,
        1e0 - means.credit_sum / means.run_count as difficulty,
        case
            when means.variant_count >= 3 then {{ correlation('sums.sxx', 'sums.sxy', 'sums.syy') }}
        end as discrimination
    from means
    inner join sums
        on
            {% for key in suite + ['task_key'] -%}
                {{ 'and ' if not loop.first }}means.{{ key }} = sums.{{ key }}
            {% endfor %}
)

select * from task_statistics
