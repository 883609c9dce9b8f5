{% set variant = ['organization_id', 'suite_id', 'suite_version', 'variant_label'] | join(', ') %}

with

variants as (

    select * from {{ ref('int_benchmark_totals') }}

),

declarations as (

    select * from {{ ref('int_variant_declarations') }}

),

declared_variants as (

    select distinct
        {{ variant }},
        is_label_declared
    from declarations

),

-- A declared label says all; a declared variant_id stands for itself, beside the recorded agent and model.
described_variants as (

    select
        variants.*,
        declared_variants.variant_label is not null as is_declared,
        coalesce(declared_variants.is_label_declared, false) as is_label_declared
    from variants
    left join declared_variants
        on
            variants.organization_id = declared_variants.organization_id
            and variants.suite_id = declared_variants.suite_id
            and variants.suite_version = declared_variants.suite_version
            and variants.variant_label = declared_variants.variant_label

),

-- Two names that differ may stand for any number of changes: agent_id and variant_id are not one setting.
all_dimensions as (

    select
        {{ variant }},
        dimension,
        value,
        true as is_one_setting,
        is_changed_from_parent,
        0 as preference
    from declarations

    union all

    select
        {{ variant }},
        'agent_id' as dimension,
        agent_id as value,
        false as is_one_setting,
        cast(null as boolean) as is_changed_from_parent,
        1 as preference
    from described_variants
    where not is_label_declared

    union all

    select
        {{ variant }},
        'model' as dimension,
        model as value,
        true as is_one_setting,
        cast(null as boolean) as is_changed_from_parent,
        1 as preference
    from described_variants
    where
        model is not null
        and not is_label_declared

    union all

    select
        {{ variant }},
        'variant_id' as dimension,
        run_variant_id as value,
        false as is_one_setting,
        cast(null as boolean) as is_changed_from_parent,
        1 as preference
    from described_variants
    where
        run_variant_id is not null
        and not is_declared

),

ranked_dimensions as (

    select
        *,
        row_number() over (partition by {{ variant }}, dimension order by preference) as position
    from all_dimensions

),

dimensions as (

    select
        {{ variant }},
        dimension,
        value,
        is_one_setting,
        is_changed_from_parent
    from ranked_dimensions
    where position = 1

)

select * from dimensions
