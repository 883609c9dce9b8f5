with

group_codes as (

    select * from {{ ref('int_error_group_codes') }}

),

templates as (

    select *
    from {{ message_templates('group_codes', ['organization_id', 'group_code']) }} as message_templates

),

error_groups as (

    select
        group_codes.organization_id,
        group_codes.http_status,
        group_codes.message_normalized,
        group_codes.code,
        group_codes.group_code,
        templates.template as group_template,
        {{ error_group('group_codes.group_code', 'templates.template') }} as group_id
    from group_codes
    inner join templates
        on
            group_codes.organization_id = templates.organization_id
            and group_codes.group_code = templates.group_code
            and group_codes.message_normalized = templates.message_normalized

)

select * from error_groups
