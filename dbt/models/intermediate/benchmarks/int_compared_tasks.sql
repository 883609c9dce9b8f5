{% set variant = ['organization_id', 'suite_id', 'suite_version', 'variant_label'] %}

with

tasks as (

    select * from {{ ref('int_benchmark_tasks') }}

),

-- What a variant reaches on all its other tasks: a task is no evidence for itself.
compared_tasks as (

    select
        *,
        (
            sum(credit_mean) over (
                partition by {{ variant | join(', ') }} order by task_key
                rows between unbounded preceding and unbounded following
            ) - credit_mean
        ) / nullif(count(*) over (partition by {{ variant | join(', ') }}) - 1, 0) as rest_mean
    from tasks

)

select * from compared_tasks
