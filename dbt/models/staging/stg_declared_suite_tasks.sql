with

source as (

    select * from {{ source('declared', 'suite_tasks') }}

),

renamed as (

    select
        suite_id,
        task_id,
        capability,
        split_group,
        is_protected
    from source

)

select * from renamed
