with

matches as (

    select * from {{ ref('int_error_matches') }}

),

patterns as (

    select * from {{ ref('stg_declared_failure_patterns') }}

),

-- The first pattern that matches decides, unless the line reports health.
decided_texts as (

    select
        *,
        case when not is_healthy then split_part(all_matches, ',', 1) end as deciding_pattern
    from matches

),

-- Where patterns are silent, the model in force speaks. It is also asked whether what they match is
-- a healthy line all the same, unless the pattern is the name of one code alone.
answered_texts as (

    select
        decided_texts.*,
        patterns.code as pattern_code,
        patterns.confidence as pattern_confidence,
        {{ model_answer(
            'decided_texts.phase',
            "case when not decided_texts.is_healthy and coalesce(patterns.tier, '') <> 'named' "
            ~ "then decided_texts.telling_text end",
            'patterns.pattern'
        ) }} as model_answer
    from decided_texts
    left join patterns on decided_texts.deciding_pattern = patterns.pattern_id

),

classes as (

    select
        source,
        phase,
        classifier_text,
        case
            when model_answer is null then coalesce(pattern_code, 'UNKNOWN.UNCLASSIFIED')
            when model_answer <> 'HEALTHY' then split_part(model_answer, ' ', 1)
            else 'UNKNOWN.UNCLASSIFIED'
        end as code,
        case
            when model_answer is null then deciding_pattern
            when model_answer <> 'HEALTHY' then split_part(model_answer, ' ', 3)
        end as matched_pattern,
        all_matches,
        message_normalized,
        status_in_text,
        case
            when model_answer is null then coalesce(pattern_confidence, 0e0)
            when model_answer <> 'HEALTHY' then cast(split_part(model_answer, ' ', 2) as double)
            else 0e0
        end as confidence,
        error_count
    from answered_texts

)

select * from classes
