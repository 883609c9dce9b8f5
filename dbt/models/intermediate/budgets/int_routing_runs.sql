with

rules as (

    select * from {{ ref('stg_declared_routing_rules') }}

),

runs as (

    select runs.*
    from {{ ref('int_runs') }} as runs
    inner join {{ ref('int_window_days') }} as window_days
        on
            runs.organization_id = window_days.organization_id
            and runs.local_date is not distinct from window_days.event_date
    where window_days.window_name = 'all'

),

budget_days as (

    select * from {{ ref('int_budget_days') }}

),

models as (

    select distinct model
    from runs
    where model is not null

),

-- The expensive comparison runs once per model. A model that both patterns match is where the rule leads.
rule_models as (

    select
        rules.*,
        models.model,
        {{ matches_pattern('models.model', 'rules.to_pattern') }} as is_target
    from rules
    inner join models
        on
            {{ matches_pattern('models.model', 'rules.from_pattern') }}
            or {{ matches_pattern('models.model', 'rules.to_pattern') }}

),

-- What is spent before the day is what would be spent with the rule, too: it has routed nothing yet while it
-- waits, and what is used up stays used up.
rule_runs as (

    select
        runs.organization_id,
        rule_models.rule_id,
        runs.run_id,
        rule_models.budget,
        budget_days.first_date,
        runs.agent_id,
        runs.variant_id,
        runs.suite_id,
        runs.suite_version,
        runs.task_id,
        case when runs.task_id is null then runs.input_sha256 end as input_sha256,
        rule_models.is_target,
        not rule_models.is_target and (
            rule_models.budget is null
            or coalesce(
                cast(budget_days.spent_so_far - budget_days.cost_usd as double)
                >= rule_models.from_used_share * cast(budget_days.max_usd as double),
                false
            )
        ) as is_routed,
        case
            when runs.population = 'scored' then cast(coalesce(runs.score, 0) as decimal(18, 9))
        end as success,
        runs.cost_usd
    from rule_models
    inner join runs
        on
            rule_models.model = runs.model
            and (rule_models.organization_id is null or rule_models.organization_id = runs.organization_id)
            and (rule_models.agent_id is null or rule_models.agent_id = runs.agent_id)
            and (rule_models.capability is null or rule_models.capability = runs.capability)
    left join budget_days
        on
            rule_models.budget = budget_days.budget
            and runs.organization_id = budget_days.organization_id
            and runs.local_date = budget_days.event_date
            and (budget_days.agent_id is null or runs.agent_id = budget_days.agent_id)

),

-- The same work: one agent and variant at one task, or at one input where no task is named.
numbered_runs as (

    select
        *,
        case
            when coalesce(task_id, input_sha256) is not null
                then dense_rank() over (
                    order by
                        organization_id, agent_id, variant_id nulls last, suite_id nulls last,
                        suite_version nulls last, task_id nulls last, input_sha256 nulls last
                )
        end as task_number
    from rule_runs

)

select * from numbered_runs
