with

source as (

    select * from {{ source('declared', 'batch_counts') }}

),

renamed as (

    select
        batch_id,
        landed_table,
        row_count
    from source

)

select * from renamed
