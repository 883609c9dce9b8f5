with

payloads as (

    select * from {{ ref('stg_payloads') }}

),

last_days as (

    select * from {{ ref('int_as_of') }}

),

-- Texts that were kept before they were counted name no batch.
counted_texts as (

    select * from payloads
    where batch_id is not null

),

fates as (

    select
        counted_texts.batch_id,
        sum(case when counted_texts.expires_on <= last_days.as_of then 0 else 1 end) as visible_count,
        sum(case when counted_texts.expires_on <= last_days.as_of then 1 else 0 end) as expired_count
    from counted_texts
    left join last_days on counted_texts.organization_id = last_days.organization_id
    group by 1

)

select * from fates
