{{ config(materialized='view') }}

with

consent as (

    select * from {{ ref('stg_declared_consent') }}

),

sources as (

    select distinct
        organization_id,
        format
    from {{ ref('int_run_facts') }}

),

-- Of what is declared for all, for a source, and for an organization, the most specific counts.
ranked_consent as (

    select
        sources.organization_id,
        sources.format,
        consent.allow_training,
        row_number() over (
            partition by sources.organization_id, sources.format
            order by consent.specificity desc
        ) as consent_rank
    from sources
    inner join consent
        on
            sources.organization_id = coalesce(consent.organization_id, sources.organization_id)
            and sources.format = coalesce(consent.source, sources.format)

),

training_consent as (

    select
        organization_id,
        format,
        allow_training
    from ranked_consent
    where consent_rank = 1

)

select * from training_consent
