{# The hash of the empty text: what it stands for is known without a payload. #}
{% set empty_sha256 = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855' %}

with

messages as (

    select * from {{ ref('stg_messages') }}

),

tool_calls as (

    select * from {{ ref('stg_tool_calls') }}

),

payloads as (

    select * from {{ ref('stg_payloads') }}

),

named_texts as (

    select
        organization_id,
        run_id,
        content_sha256 as text_sha256
    from messages
    union
    select
        organization_id,
        run_id,
        arguments_sha256 as text_sha256
    from tool_calls
    union
    select
        organization_id,
        run_id,
        result_sha256 as text_sha256
    from tool_calls

),

needed_texts as (

    select * from named_texts
    where text_sha256 <> '{{ empty_sha256 }}'

),

-- Kept more than once, a text is there until the last of them expires; NULL: it never does.
kept_texts as (

    select
        organization_id,
        sha256 as text_sha256,
        case when count(*) = count(expires_on) then max(expires_on) end as expires_on
    from payloads
    group by 1, 2

),

text_counts as (

    select
        needed_texts.organization_id,
        needed_texts.run_id,
        count(*) as text_count,
        sum(case when kept_texts.text_sha256 is null then 1 else 0 end) as missing_text_count,
        min(kept_texts.expires_on) as complete_until
    from needed_texts
    left join kept_texts
        on
            needed_texts.organization_id = kept_texts.organization_id
            and needed_texts.text_sha256 = kept_texts.text_sha256
    group by 1, 2

)

select * from text_counts
