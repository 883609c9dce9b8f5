with

source as (

    select * from {{ source('declared', 'affected_dates') }}

),

renamed as (

    select event_date
    from source

)

select * from renamed
