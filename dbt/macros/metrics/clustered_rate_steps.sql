{#
    The steps from scored runs (a CTE with the key columns, suite_id, suite_version, task_id and score) to one row per
    combination of the keys: n runs, their mean_value, and n_eff, the independent runs that they are worth. The last step
    is named `effective_sizes`.
#}
{% macro clustered_rate_steps(scored_runs, keys) %}
{{ task_outcome_steps(scored_runs, keys) }},

{{ task_cluster_steps('task_outcomes', keys) }}
{%- endmacro %}

{#
    The steps from scored runs to one row per combination of the keys and task; the last step is named `task_outcomes`.
    A partial outcome of unknown value counts as no success. Scores are summed as decimals of nine places: exact, so that
    neither threads nor the order of rows can change the last bits of a rate.
#}
{% macro task_outcome_steps(scored_runs, keys) %}
{%- set by = keys | join(', ') -%}
valued_runs as (

    select
        *,
        cast(coalesce(score, 0) as decimal(18, 9)) as scored_value
    from {{ scored_runs }}

),

task_outcomes as (

    select
        {{ by }},
        suite_id,
        suite_version,
        task_id,
        count(*) as n,
        cast(sum(scored_value) as decimal(18, 9)) as value_sum,
        sum(scored_value * scored_value) as value_squares,
        count(case when scored_value > 0 then 1 end) as success_count,
        count(case when scored_value < 1 then 1 end) as failure_count
    from valued_runs
    group by {{ by }}, suite_id, suite_version, task_id

)
{%- endmacro %}

{# The same of coarser keys, from a relation that holds them for finer ones, with the key columns in it. #}
{% macro folded_outcome_steps(outcomes, keys) %}
{%- set by = keys | join(', ') -%}
task_outcomes as (

    select
        {{ by }},
        task_id,
        cast(sum(n) as bigint) as n,
        cast(sum(value_sum) as decimal(18, 9)) as value_sum,
        sum(value_squares) as value_squares,
        cast(sum(success_count) as bigint) as success_count,
        cast(sum(failure_count) as bigint) as failure_count
    from {{ outcomes }}
    group by {{ by }}, suite_id, suite_version, task_id

)
{%- endmacro %}

{# The steps from `task_outcomes` to what a rate over them rests on; the last step is named `effective_sizes`. #}
{% macro task_cluster_steps(task_outcomes, keys) %}
{%- set by = keys | join(', ') -%}
-- Runs of one task resemble each other: they are one cluster. A run without a task is a cluster of its own.
clusters as (

    select
        {{ by }},
        n,
        value_sum,
        value_squares,
        case when task_id is null then n else 1 end as cluster_count,
        case when task_id is null then value_squares else value_sum * value_sum end as value_sum_squares,
        case when task_id is null then value_sum else n * value_sum end as size_value_products,
        case when task_id is null then n else n * n end as size_squares,
        case when task_id is null then success_count when value_sum > 0 then 1 else 0 end as success_cluster_count,
        case when task_id is null then failure_count when value_sum < n then 1 else 0 end as failure_cluster_count
    from {{ task_outcomes }}

),

cluster_summary as (

    select
        {{ by }},
        cast(sum(n) as bigint) as n,
        cast(sum(value_sum) as double) as value_sum,
        cast(sum(value_squares) as double) as value_squares,
        cast(sum(cluster_count) as bigint) as cluster_count,
        cast(sum(value_sum_squares) as double) as value_sum_squares,
        cast(sum(size_value_products) as double) as size_value_products,
        cast(sum(size_squares) as double) as size_squares,
        cast(least(sum(success_cluster_count), sum(failure_cluster_count)) as bigint) as rare_count
    from clusters
    group by {{ by }}

),

spread as (

    select
        {{ by }},
        n,
        value_sum,
        value_sum / n as mean_value,
        cluster_count,
        size_squares,
        rare_count,
        greatest(
            value_sum_squares - 2 * (value_sum / n) * size_value_products + power(value_sum / n, 2) * size_squares, 0e0
        ) as cluster_residual_squares,
        greatest(value_squares - power(value_sum, 2) / n, 0e0) as residual_squares
    from cluster_summary

),

{{ effective_size_steps('spread') }}
{%- endmacro %}

{#
    The steps from spreads (n observations in cluster_count clusters, size_squares, rare_count, residual_squares and
    cluster_residual_squares) to clustered_se, naive_se, design_effect and n_eff beside them. The last step is named
    `effective_sizes`.
#}
{% macro effective_size_steps(spread) -%}
standard_errors as (

    select
        *,
        {{ clustered_se('cluster_residual_squares', 'cluster_count', 'n') }} as clustered_se,
        {{ naive_se('residual_squares', 'n') }} as naive_se
    from {{ spread }}

),

design_effects as (

    select
        *,
        {{ design_effect('clustered_se', 'naive_se', 'cluster_count', 'n') }} as design_effect
    from standard_errors

),

effective_sizes as (

    select
        *,
        {{ effective_n('n', 'design_effect', 'cluster_count', 'size_squares', 'rare_count') }} as n_eff
    from design_effects

)
{%- endmacro %}
