{{ config(materialized='table' if target.type == 'spark' else 'view') }}

with

eligibility as (

    select * from {{ ref('int_training_eligibility') }}

),

sft_candidates as (

    select * from {{ ref('int_sft_candidates') }}

),

sft_examples as (

    select * from {{ ref('sft_examples') }}

),

preference_candidates as (

    select * from {{ ref('int_preference_candidates') }}

),

preference_turns as (

    select * from {{ ref('int_preference_turns') }}

),

efficiency_candidates as (

    select * from {{ ref('int_efficiency_candidates') }}

),

pairs as (

    select * from {{ ref('int_pairs') }}

),

unpaired_candidates as (

    select * from {{ ref('int_unpaired_candidates') }}

),

prompt_candidates as (

    select * from {{ ref('int_prompt_candidates') }}

),

kept_pairs as (

    select * from {{ ref('int_kept_pairs') }}

),

-- A run may give several rows of a dataset.
selected_runs as (

    select distinct
        organization_id,
        run_id
    from sft_examples

),

paired_runs as (

    select
        organization_id,
        chosen_run_id as run_id,
        dataset
    from kept_pairs
    union
    select
        organization_id,
        rejected_run_id as run_id,
        dataset
    from kept_pairs

),

-- Runs that part from another one somewhere, whether or not the pair was kept.
parting_runs as (

    select
        organization_id,
        run_id,
        'preferences' as dataset
    from preference_turns
    where is_divergence
    union
    select
        organization_id,
        chosen_run_id as run_id,
        dataset
    from pairs
    union
    select
        organization_id,
        rejected_run_id as run_id,
        dataset
    from pairs

),

pair_candidates as (

    select
        organization_id,
        run_id,
        'preferences' as dataset,
        pair_refusal as refusal
    from eligibility
    where pair_refusal is not null
    union all
    select
        organization_id,
        run_id,
        'preferences' as dataset,
        refusal
    from preference_candidates
    union all
    select
        organization_id,
        run_id,
        'efficiency' as dataset,
        efficiency_refusal as refusal
    from eligibility
    where efficiency_refusal is not null
    union all
    select
        organization_id,
        run_id,
        'efficiency' as dataset,
        refusal
    from efficiency_candidates

),

pair_refusals as (

    select
        pair_candidates.organization_id,
        pair_candidates.run_id,
        pair_candidates.dataset,
        case
            when pair_candidates.refusal is not null then pair_candidates.refusal
            when parting_runs.run_id is null then 'no_shared_prompt'
            else 'pair_not_kept'
        end as reason
    from pair_candidates
    left join parting_runs
        on
            pair_candidates.organization_id = parting_runs.organization_id
            and pair_candidates.run_id = parting_runs.run_id
            and pair_candidates.dataset = parting_runs.dataset
    left join paired_runs
        on
            pair_candidates.organization_id = paired_runs.organization_id
            and pair_candidates.run_id = paired_runs.run_id
            and pair_candidates.dataset = paired_runs.dataset
    where paired_runs.run_id is null

),

sft_refusals as (

    select
        organization_id,
        run_id,
        sft_refusal as reason
    from eligibility
    where sft_refusal is not null
    union all
    select
        organization_id,
        run_id,
        refusal as reason
    from sft_candidates
    where refusal is not null

),

refusals as (

    select
        sft_refusals.organization_id,
        sft_refusals.run_id,
        'sft' as dataset,
        sft_refusals.reason
    from sft_refusals
    left join selected_runs
        on
            sft_refusals.organization_id = selected_runs.organization_id
            and sft_refusals.run_id = selected_runs.run_id
    where selected_runs.run_id is null
    union all
    select
        organization_id,
        run_id,
        dataset,
        reason
    from pair_refusals
    union all
    select
        organization_id,
        run_id,
        'unpaired' as dataset,
        pair_refusal as reason
    from eligibility
    where pair_refusal is not null
    union all
    select
        organization_id,
        run_id,
        'unpaired' as dataset,
        refusal as reason
    from unpaired_candidates
    where refusal is not null
    union all
    select
        organization_id,
        run_id,
        'prompts' as dataset,
        refusal as reason
    from eligibility
    where refusal is not null
    union all
    select
        organization_id,
        run_id,
        'prompts' as dataset,
        refusal as reason
    from prompt_candidates
    where refusal is not null

)

select * from refusals
