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
        max(case when matched_pattern not like 'model/%' then 1 else 0 end) as is_recognized
    from errors
    group by 1, 2, 3, 4

),

compared_messages as (

    select
        *,
        case when is_recognized = 1 then code else 'nothing' end as voice,
        count(*) over (partition by organization_id, http_status, message_normalized) as code_count
    from coded_messages

),

templates as (

    select * from {{ message_templates('coded_messages', ['organization_id']) }} as message_templates

),

-- Where masks hide what tells codes apart, or little but names is left, a message keeps its code.
voters as (

    select
        compared_messages.organization_id,
        compared_messages.http_status,
        compared_messages.message_normalized,
        compared_messages.code,
        compared_messages.voice,
        templates.template
    from compared_messages
    inner join templates
        on
            compared_messages.organization_id = templates.organization_id
            and compared_messages.message_normalized = templates.message_normalized
    where
        compared_messages.code_count = 1
        and compared_messages.is_declared = 0
        and {{ matches_pattern('templates.template', "'^[^ ]+(?:(?: [^A-Za-z ][^ ]*)* [A-Za-z][^ ]*){3}'") }}

),

code_votes as (

    select
        organization_id,
        http_status,
        template,
        voice,
        code,
        count(*) as votes,
        {{ total('count(*)') }} over (
            partition by organization_id, http_status, template, voice
        ) as voice_votes
    from voters
    group by 1, 2, 3, 4, 5

),

loudest_codes as (

    select
        *,
        row_number() over (
            partition by organization_id, http_status, template
            order by voice_votes desc, voice asc, votes desc, code asc
        ) as place
    from code_votes

),

-- A value that turns the code of one message of a template is outvoted by three that it does not turn.
settled_codes as (

    select
        voters.organization_id,
        voters.http_status,
        voters.message_normalized,
        voters.code,
        case
            when voters.voice = loudest_codes.voice then loudest_codes.code
            when loudest_codes.voice_votes >= 3 * code_votes.voice_votes then loudest_codes.code
            else voters.code
        end as group_code
    from voters
    inner join code_votes
        on
            voters.organization_id = code_votes.organization_id
            and voters.http_status = code_votes.http_status
            and voters.template = code_votes.template
            and voters.code = code_votes.code
            and voters.voice = code_votes.voice
    inner join loudest_codes
        on
            voters.organization_id = loudest_codes.organization_id
            and voters.http_status = loudest_codes.http_status
            and voters.template = loudest_codes.template
            and loudest_codes.place = 1

),

error_group_codes as (

    select
        coded_messages.organization_id,
        coded_messages.http_status,
        coded_messages.message_normalized,
        coded_messages.code,
        coalesce(settled_codes.group_code, coded_messages.code) as group_code
    from coded_messages
    left join settled_codes
        on
            coded_messages.organization_id = settled_codes.organization_id
            and coded_messages.http_status = settled_codes.http_status
            and coded_messages.message_normalized = settled_codes.message_normalized
            and coded_messages.code = settled_codes.code

)

select * from error_group_codes
