with

messages as (

    select * from {{ ref('int_error_voters') }}

),

code_votes as (

    select
        organization_id,
        http_status,
        template,
        voice,
        code,
        {{ total('votes') }} as votes,
        {{ total(total('votes')) }} over (
            partition by organization_id, http_status, template, voice
        ) as voice_votes
    from messages
    where has_vote
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

-- A value that turns the code of one message of a template is outvoted by three that it does not turn;
-- where it only keeps a message from being recognized, by as many that are.
error_group_codes as (

    select
        messages.organization_id,
        messages.http_status,
        messages.message_normalized,
        messages.code,
        case
            when messages.voice = loudest_codes.voice then loudest_codes.code
            when messages.voice = 'nothing' and loudest_codes.voice_votes >= code_votes.voice_votes
                then loudest_codes.code
            when loudest_codes.voice_votes >= 3 * code_votes.voice_votes then loudest_codes.code
            else messages.code
        end as group_code
    from messages
    left join code_votes
        on
            messages.has_vote
            and messages.organization_id = code_votes.organization_id
            and messages.http_status = code_votes.http_status
            and messages.template = code_votes.template
            and messages.code = code_votes.code
            and messages.voice = code_votes.voice
    left join loudest_codes
        on
            messages.has_vote
            and messages.organization_id = loudest_codes.organization_id
            and messages.http_status = loudest_codes.http_status
            and messages.template = loudest_codes.template
            and loudest_codes.place = 1

)

select * from error_group_codes
