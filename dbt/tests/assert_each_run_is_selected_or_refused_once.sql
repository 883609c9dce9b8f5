-- Detects a run that a dataset neither selects nor refuses, refuses twice, or selects and refuses: then the
-- counts of an export's card would not add up.
with

agent_runs as (

    select * from {{ ref('agent_runs') }}

),

datasets as (

    select 'sft' as dataset
    union all
    select 'preferences' as dataset
    union all
    select 'efficiency' as dataset
    union all
    select 'unpaired' as dataset
    union all
    select 'prompts' as dataset

),

-- A run may give several rows of a dataset: it is selected once all the same.
selected_runs as (

    select distinct
        organization_id,
        run_id,
        'sft' as dataset
    from {{ ref('sft_examples') }}
    union
    select
        organization_id,
        chosen_run_id as run_id,
        case when pair_kind = 'efficiency' then 'efficiency' else 'preferences' end as dataset
    from {{ ref('preference_pairs') }}
    union
    select
        organization_id,
        rejected_run_id as run_id,
        case when pair_kind = 'efficiency' then 'efficiency' else 'preferences' end as dataset
    from {{ ref('preference_pairs') }}
    union
    select
        organization_id,
        run_id,
        'unpaired' as dataset
    from {{ ref('unpaired_examples') }}
    union
    select
        organization_id,
        run_id,
        'prompts' as dataset
    from {{ ref('task_prompts') }}

),

verdicts as (

    select
        organization_id,
        run_id,
        dataset
    from selected_runs
    union all
    select
        organization_id,
        run_id,
        dataset
    from {{ ref('export_refusals') }}

),

verdict_counts as (

    select
        agent_runs.organization_id,
        agent_runs.run_id,
        datasets.dataset,
        count(verdicts.run_id) as verdict_count
    from agent_runs
    cross join datasets
    left join verdicts
        on
            agent_runs.organization_id = verdicts.organization_id
            and agent_runs.run_id = verdicts.run_id
            and datasets.dataset = verdicts.dataset
    group by 1, 2, 3

)

select * from verdict_counts
where verdict_count <> 1
