with

verdicts as (

    select * from {{ ref('int_variant_verdicts') }}

),

changes as (

    select * from {{ ref('int_variant_changes') }}

),

comparisons as (

    select
        ---------- ids
        verdicts.organization_id,
        verdicts.suite_id,
        verdicts.suite_version,
        verdicts.variant_a,
        verdicts.variant_b,
        verdicts.metric,

        ---------- counts
        verdicts.task_count,
        verdicts.run_count_a,
        verdicts.run_count_b,
        verdicts.n_both,
        verdicts.n_only_a,
        verdicts.n_only_b,
        verdicts.n_neither,
        verdicts.coverage_a,
        verdicts.coverage_b,

        ---------- effect
        verdicts.mean_a,
        verdicts.mean_b,
        verdicts.difference,
        verdicts.difference_low,
        verdicts.difference_high,

        ---------- evidence
        verdicts.p_value,
        verdicts.q_value,
        verdicts.holm_p_value,
        verdicts.mcnemar_p_value,
        verdicts.tied_within,
        verdicts.minimum_detectable_effect,
        verdicts.runs_needed,
        verdicts.verdict,

        ---------- what differs
        coalesce(changes.is_ablation, false) as is_ablation,
        changes.changed_dimensions
    from verdicts
    left join changes
        on
            verdicts.organization_id = changes.organization_id
            and verdicts.suite_id = changes.suite_id
            and verdicts.suite_version = changes.suite_version
            and verdicts.variant_a = changes.variant_a
            and verdicts.variant_b = changes.variant_b

)

select * from comparisons
