with

source as (

    select * from {{ source('declared', 'fixbot_policy') }}

),

renamed as (

    select
        rule,
        rule_glob,
        pattern
    from source

)

select * from renamed
