with

source as (

    select * from {{ source('declared', 'failure_examples') }}

),

renamed as (

    select
        pattern_id,
        code,
        example
    from source

)

select * from renamed
