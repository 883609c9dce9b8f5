with

errors as (

    select * from {{ ref('int_errors') }}

),

examples as (

    select * from {{ ref('stg_declared_failure_examples') }}

),

-- Comparing costs much: the most widespread of an organization's unknown messages are enough to look at.
unknown_messages as (

    select
        organization_id,
        message_normalized,
        row_number() over (
            partition by organization_id
            order by count(distinct run_id) desc, count(*) desc, message_normalized asc
        ) as place
    from errors
    where
        group_code = 'UNKNOWN.UNCLASSIFIED'
        and message_normalized <> ''
    group by 1, 2

),

masked_examples as (

    select distinct
        code,
        substr({{ masked_message(classifier_text('example')) }}, 1, 160) as known_message
    from examples

),

distances as (

    select
        unknown_messages.organization_id,
        unknown_messages.message_normalized,
        masked_examples.code,
        cast(
            {{ edit_distance(
                'substr(unknown_messages.message_normalized, 1, 160)', 'masked_examples.known_message'
            ) }} as double
        ) / greatest(
            length(substr(unknown_messages.message_normalized, 1, 160)), length(masked_examples.known_message)
        ) as distance
    from unknown_messages
    cross join masked_examples
    where
        unknown_messages.place <= 200
        and masked_examples.known_message <> ''

),

ranked_codes as (

    select
        *,
        row_number() over (
            partition by organization_id, message_normalized order by distance asc, code asc
        ) as code_rank
    from distances

),

nearest_codes as (

    select
        organization_id,
        message_normalized,
        code as nearest_code,
        distance as nearest_distance
    from ranked_codes
    where code_rank = 1

)

select * from nearest_codes
