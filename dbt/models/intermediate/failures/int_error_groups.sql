with

errors as (

    select * from {{ ref('int_all_errors') }}

),

-- Templates come from the set of an organization's messages of one code: neither their order nor the day
-- on which each arrived matters, and no other organization's messages do.
messages_of_a_code as (

    select
        organization_id,
        code,
        {{ distinct_list('message_normalized') }} as messages
    from errors
    group by 1, 2

),

templates_of_a_code as (

    select
        *,
        {{ group_templates('messages') }} as templates
    from messages_of_a_code

),

listed_messages as (

    select * from {{ unnested_list('templates_of_a_code', 'messages', 'message_normalized', 'place') }}

),

error_templates as (

    select
        organization_id,
        code,
        message_normalized,
        {{ list_element('templates', 'place') }} as group_template
    from listed_messages

),

error_groups as (

    select
        *,
        {{ error_group('code', 'group_template') }} as group_id
    from error_templates

)

select * from error_groups
