-- Detects a run that a dataset neither selects nor refuses, refuses twice or without a reason, or selects and
-- refuses, and a verdict on what is no run or of no dataset: then the counts of an export's card would not
-- add up. All in one pass: refusals are five rows of each run of history.
{% set place -%}
    case dataset
        when 'sft' then 1
        when 'preferences' then 10
        when 'efficiency' then 100
        when 'unpaired' then 1000
        when 'prompts' then 10000
    end
{%- endset %}

with

agent_runs as (

    select * from {{ ref('agent_runs') }}

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

-- Of each run one row for itself and one for each dataset, each a one at a decimal place of its own: a sum of
-- six such numbers is 111111 only if each place has one. Places instead of six counts: half the time.
verdicts as (

    select
        organization_id,
        run_id,
        100000 as place
    from agent_runs
    union all
    select
        organization_id,
        run_id,
        {{ place }} as place
    from selected_runs
    union all
    select
        organization_id,
        run_id,
        case when reason is not null then {{ place }} end as place
    from {{ ref('export_refusals') }}

),

unclear_runs as (

    select
        organization_id,
        run_id,
        count(*) - 1 as verdict_count
    from verdicts
    group by 1, 2
    having count(*) <> 6 or coalesce(sum(cast(place as double)), 0) <> 111111

)

select * from unclear_runs
