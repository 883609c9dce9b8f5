{{ config(materialized='view') }}

with

errors as (

    select * from {{ ref('int_all_errors') }}

),

groups as (

    select * from {{ ref('int_error_groups') }}

),

grouped_errors as (

    select
        errors.*,
        groups.group_code,
        groups.group_id,
        groups.group_template
    from errors
    inner join groups
        on
            errors.organization_id = groups.organization_id
            and errors.code = groups.code
            and coalesce(errors.http_status, '') = groups.http_status
            and errors.message_normalized = groups.message_normalized

)

select * from grouped_errors
