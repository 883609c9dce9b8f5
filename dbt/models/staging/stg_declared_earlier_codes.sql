with

source as (

    select * from {{ source('declared', 'earlier_codes') }}

),

renamed as (

    select
        organization_id,
        fingerprint,
        code,
        classifier_version,
        version_number
    from source

)

select * from renamed
