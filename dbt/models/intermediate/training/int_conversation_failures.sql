with

errors as (

    select * from {{ ref('int_all_errors') }}

),

run_failures as (

    select
        organization_id,
        run_id,
        {{ joined_values('code') }} as failure_codes
    from errors
    where run_id is not null
    group by 1, 2

)

select * from run_failures
