with

messages as (

    select * from {{ ref('int_protected_messages') }}

),

protected_prompts as (

    select distinct
        organization_id,
        suite_id,
        task_id,
        content_sha256
    from messages

)

select * from protected_prompts
