with

source as (

    select * from {{ source('declared', 'affected_runs') }}

),

renamed as (

    select
        organization_id,
        run_id,
        event_date
    from source

)

select * from renamed
