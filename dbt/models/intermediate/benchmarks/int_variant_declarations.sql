with

variants as (

    select * from {{ ref('int_benchmark_totals') }}

),

declared_variants as (

    select * from {{ ref('stg_declared_variants') }}

),

matched_declarations as (

    select
        variants.organization_id,
        variants.suite_id,
        variants.suite_version,
        variants.variant_label,
        declared_variants.dimension,
        declared_variants.value,
        declared_variants.parent_variant_id,
        declared_variants.generation,
        declared_variants.is_changed_from_parent,
        declared_variants.variant_id = variants.variant_label as is_by_label,
        declared_variants.suite_id is not null as is_for_suite
    from variants
    inner join declared_variants
        on
            declared_variants.variant_id in (variants.variant_label, variants.run_variant_id)
            and coalesce(declared_variants.suite_id, variants.suite_id) = variants.suite_id

),

-- What is said of the whole label wins over what is said of its variant_id; this suite wins over any suite.
preferred_declarations as (

    select
        *,
        row_number() over (
            partition by organization_id, suite_id, suite_version, variant_label, dimension
            order by
                case when is_by_label then 0 else 1 end,
                case when is_for_suite then 0 else 1 end
        ) as preference
    from matched_declarations

),

declarations as (

    select
        organization_id,
        suite_id,
        suite_version,
        variant_label,
        dimension,
        value,
        {% for column in ['parent_variant_id', 'generation'] -%}
            first_value({{ column }}) over (
                partition by organization_id, suite_id, suite_version, variant_label
                order by
                    case when is_by_label then 0 else 1 end,
                    case when is_for_suite then 0 else 1 end,
                    dimension
            ) as {{ column }},
        {% endfor -%}
        is_changed_from_parent,
        max(case when is_by_label then 1 else 0 end) over (
            partition by organization_id, suite_id, suite_version, variant_label
        ) = 1 as is_label_declared
    from preferred_declarations
    where preference = 1

)

select * from declarations
