with

dimensions as (

    select * from {{ ref('int_variant_dimensions') }}

),

variant_dimensions as (

    select
        organization_id,
        suite_id,
        suite_version,
        variant_label as variant_id,
        dimension,
        value,
        is_one_setting,
        is_changed_from_parent
    from dimensions

)

select * from variant_dimensions
