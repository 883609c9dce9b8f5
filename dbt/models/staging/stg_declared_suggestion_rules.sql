with

source as (

    select * from {{ source('declared', 'suggestion_rules') }}

),

renamed as (

    select
        rule_id,
        version,
        measure,
        code_prefix,
        action,
        minimum_lift,
        minimum_runs
    from source

)

select * from renamed
