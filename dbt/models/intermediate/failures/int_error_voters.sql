{%- set two_words = "'^[^ ]+(?:(?: [^A-Za-z ][^ ]*)* [A-Za-z][^ ]*){2}'" %}
{%- set three_words = "'^[^ ]+(?:(?: [^A-Za-z ][^ ]*)* [A-Za-z][^ ]*){3}'" %}

with

errors as (

    select * from {{ ref('int_all_errors') }}

),

-- What only a model says counts as nothing known: a name alone turns its answer.
coded_messages as (

    select
        organization_id,
        coalesce(http_status, '') as http_status,
        message_normalized,
        code,
        max(case when matched_pattern = 'declared' then 1 else 0 end) as is_declared,
        max(case when matched_pattern not like 'model/%' then 1 else 0 end) as is_recognized,
        count(*) as error_count
    from errors
    group by 1, 2, 3, 4

),

compared_messages as (

    select
        *,
        case when is_recognized = 1 then code else 'nothing' end as voice,
        count(*) over (
            partition by organization_id, http_status, message_normalized
        ) as code_count,
        {{ total('is_recognized') }} over (
            partition by organization_id, http_status, message_normalized
        ) as recognized_count
    from coded_messages

),

templates as (

    select * from {{ message_templates('coded_messages', ['organization_id']) }} as message_templates

),

messages_of_templates as (

    select
        compared_messages.*,
        templates.template,
        max(compared_messages.is_recognized) over (
            partition by
                compared_messages.organization_id, compared_messages.http_status, templates.template
        ) as is_template_recognized
    from compared_messages
    inner join templates
        on
            compared_messages.organization_id = templates.organization_id
            and compared_messages.message_normalized = templates.message_normalized

),

-- A message has a vote; where its mask hides what makes one of it known, each of its errors has.
-- A template of two words says enough where no more than a model speaks.
voters as (

    select
        organization_id,
        http_status,
        message_normalized,
        code,
        voice,
        template,
        case when code_count > 1 then error_count else 1 end as votes,
        is_declared = 0
        and recognized_count <= 1
        and (
            {{ matches_pattern('template', three_words) }}
            or (is_template_recognized = 0 and {{ matches_pattern('template', two_words) }})
        ) as has_vote
    from messages_of_templates

)

select * from voters
