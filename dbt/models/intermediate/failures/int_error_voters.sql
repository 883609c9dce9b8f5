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

-- A message has a vote; where its mask hides what makes one of it known, each of its errors has.
voters as (

    select
        compared_messages.organization_id,
        compared_messages.http_status,
        compared_messages.message_normalized,
        compared_messages.code,
        compared_messages.voice,
        templates.template,
        case
            when compared_messages.code_count > 1 then compared_messages.error_count
            else 1
        end as votes,
        compared_messages.is_declared = 0
        and compared_messages.recognized_count <= 1
        and {{ matches_pattern('templates.template', three_words) }} as has_vote
    from compared_messages
    inner join templates
        on
            compared_messages.organization_id = templates.organization_id
            and compared_messages.message_normalized = templates.message_normalized

)

select * from voters
