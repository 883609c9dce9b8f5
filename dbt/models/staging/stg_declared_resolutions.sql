with

source as (

    select * from {{ source('declared', 'resolutions') }}

),

renamed as (

    select
        resolution_id,
        organization_id,
        code,
        resolved_on,
        title,
        owner
    from source

)

select * from renamed
