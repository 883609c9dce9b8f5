with

errors as (

    select * from {{ ref('int_error_texts') }}

),

patterns as (

    select * from {{ ref('stg_declared_failure_patterns') }}

),

-- Patterns are tried once per distinct text, however many errors share it.
distinct_texts as (

    select
        source,
        phase,
        classifier_text,
        count(*) as error_count
    from errors
    group by 1, 2, 3

),

matched_texts as (

    select
        *,
        {{ classify_error('source', 'phase', 'classifier_text') }} as pattern_ordinal,
        {{ matching_patterns('source', 'phase', 'classifier_text') }} as all_matches,
        {{ masked_message('classifier_text') }} as message_normalized,
        {{ status_in_text('classifier_text') }} as status_in_text
    from distinct_texts

),

-- Where patterns are silent, the model speaks, if one is in force.
silent_texts as (

    select
        source,
        phase,
        classifier_text
    from matched_texts
    where pattern_ordinal is null and not {{ reports_health('classifier_text') }}

),

answered_texts as (

    select
        *,
        {{ model_answer('phase', 'classifier_text') }} as model_answer
    from silent_texts

),

classes as (

    select
        matched_texts.source,
        matched_texts.phase,
        matched_texts.classifier_text,
        coalesce(
            patterns.code, split_part(answered_texts.model_answer, ' ', 1), 'UNKNOWN.UNCLASSIFIED'
        ) as code,
        coalesce(patterns.pattern_id, split_part(answered_texts.model_answer, ' ', 3)) as matched_pattern,
        matched_texts.all_matches,
        matched_texts.message_normalized,
        matched_texts.status_in_text,
        coalesce(
            patterns.confidence, cast(split_part(answered_texts.model_answer, ' ', 2) as double), 0e0
        ) as confidence,
        matched_texts.error_count
    from matched_texts
    left join patterns on matched_texts.pattern_ordinal = patterns.ordinal
    left join answered_texts
        on
            matched_texts.classifier_text = answered_texts.classifier_text
            and matched_texts.source is not distinct from answered_texts.source
            and matched_texts.phase is not distinct from answered_texts.phase

)

select * from classes
