with

source as (

    select * from {{ source('declared', 'consent') }}

),

renamed as (

    select
        organization_id,
        source,
        keep_payloads,
        allow_training,
        retention_days,
        records_retention_days,
        specificity
    from source

)

select * from renamed
