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
        ) as voice_votes,
        {{ total(total('votes')) }} over (
            partition by organization_id, http_status, template
        ) as all_votes
    from messages
    where has_vote
    group by 1, 2, 3, 4, 5

),

-- What is known of a message weighs three times what is not.
loudest_codes as (

    select
        *,
        row_number() over (
            partition by organization_id, http_status, template
            order by
                voice_votes * case when voice = 'nothing' then 1 else 3 end desc,
                voice_votes desc,
                voice asc,
                votes desc,
                code asc
        ) as place
    from code_votes

),

-- A value that turns the code of one message of a template is outvoted by two that it does not turn; where
-- it only makes or keeps a message known, what is known holds unless three times as many are not.
error_group_codes as (

    select
        messages.organization_id,
        messages.http_status,
        messages.message_normalized,
        messages.code,
        case
            when not messages.has_vote then messages.code
            when messages.voice in (loudest_codes.voice, 'nothing') then loudest_codes.code
            when code_votes.all_votes >= 3 * code_votes.voice_votes then loudest_codes.code
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
