with

source as (

    select * from {{ source('declared', 'variants') }}

),

renamed as (

    select
        suite_id,
        variant_id,
        parent_variant_id,
        generation,
        dimension,
        value,
        is_changed_from_parent
    from source

)

select * from renamed
