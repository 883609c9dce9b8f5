with

totals as (

    select * from {{ ref('int_benchmark_totals') }}

),

spreads as (

    select * from {{ ref('int_benchmark_spreads') }}

),

declarations as (

    select * from {{ ref('int_variant_declarations') }}

),

dimensions as (

    select * from {{ ref('int_variant_dimensions') }}

),

lineages as (

    select distinct
        organization_id,
        suite_id,
        suite_version,
        variant_label,
        parent_variant_id,
        generation
    from declarations

),

configurations as (

    select
        organization_id,
        suite_id,
        suite_version,
        variant_label,
        -- With their lengths, no value can be taken for two.
        {{ joined_texts(
            "cast(length(dimension) as string) || ':' || dimension || '=' || cast(length(value) as string) || ':' || value",
            'dimension',
        ) }} as written
    from dimensions
    group by 1, 2, 3, 4

),

standard_errors as (

    select
        *,
        credit_sum / run_count as success_rate,
        {{ clustered_se('cluster_residual_squares', 'task_count', 'run_count') }} as clustered_se,
        {{ naive_se('between_squares + within_squares', 'run_count') }} as naive_se,
        {{ icc('between_squares', 'within_squares', 'task_count', 'run_count', 'size_squares') }} as icc
    from spreads

),

design_effects as (

    select
        *,
        {{ design_effect('clustered_se', 'naive_se', 'task_count', 'run_count') }} as design_effect
    from standard_errors

),

effective_counts as (

    select
        *,
        {{ effective_n('run_count', 'design_effect', 'task_count', 'size_squares', 'rare_count') }}
            as effective_run_count
    from design_effects

),

summaries as (

    select
        ---------- ids
        totals.organization_id,
        totals.suite_id,
        totals.suite_version,
        totals.variant_label as variant_id,
        totals.agent_id,
        totals.model,
        totals.run_variant_id,
        lineages.parent_variant_id,
        {{ text_sha256('configurations.written') }} as dimensions_sha256,

        ---------- strings
        totals.denominator,

        ---------- counts
        lineages.generation,
        coalesce(effective_counts.task_count, 0) as task_count,
        coalesce(effective_counts.repeated_task_count, 0) as repeated_task_count,
        coalesce(effective_counts.run_count, 0) as run_count,
        coalesce(effective_counts.success_count, 0) as success_count,
        totals.score_count,
        totals.uncounted_run_count,
        totals.infra_run_count,
        totals.unscored_run_count,
        totals.cancelled_run_count,
        totals.unpriced_run_count,
        totals.untimed_run_count,

        ---------- rates
        effective_counts.success_rate,
        {{ wilson_bound('effective_counts.success_rate * effective_counts.effective_run_count',
            'effective_counts.effective_run_count', 'low') }} as success_rate_low,
        {{ wilson_bound('effective_counts.success_rate * effective_counts.effective_run_count',
            'effective_counts.effective_run_count', 'high') }} as success_rate_high,
        effective_counts.effective_run_count,
        effective_counts.clustered_se,
        effective_counts.naive_se,
        effective_counts.design_effect,
        effective_counts.flip_rate,
        effective_counts.icc,
        effective_counts.noise_floor,
        totals.avg_score,

        ---------- cost and time
        totals.avg_cost_usd,
        totals.cost_usd / nullif(effective_counts.success_count, 0) as cost_per_success_usd,
        totals.avg_latency_ms
    from totals
    left join effective_counts
        on
            totals.organization_id = effective_counts.organization_id
            and totals.suite_id = effective_counts.suite_id
            and totals.suite_version = effective_counts.suite_version
            and totals.variant_label = effective_counts.variant_label
    left join lineages
        on
            totals.organization_id = lineages.organization_id
            and totals.suite_id = lineages.suite_id
            and totals.suite_version = lineages.suite_version
            and totals.variant_label = lineages.variant_label
    left join configurations
        on
            totals.organization_id = configurations.organization_id
            and totals.suite_id = configurations.suite_id
            and totals.suite_version = configurations.suite_version
            and totals.variant_label = configurations.variant_label

)

select * from summaries
