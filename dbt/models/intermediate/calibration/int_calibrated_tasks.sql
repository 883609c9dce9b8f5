{% set scope = ['organization_id', 'agent_id', 'capability'] %}
{% set edges = [] %}
{% for k in range(10) %}{% do edges.append('edges.edge_' ~ k) %}{% endfor %}

with

runs as (

    select * from {{ ref('int_runs') }}

),

stated_runs as (

    select * from runs
    where
        population = 'scored'
        and confidence is not null
        and score is not null

),

-- Every run once for its agent as a whole (capability '') and once for its capability.
scoped_runs as (

    {% for capability in ["''", 'capability'] -%}
        {{ 'union all' if not loop.first }}
        select
            organization_id,
            agent_id,
            {{ capability }} as capability,
            suite_id,
            suite_version,
            task_id,
            confidence,
            score
        from stated_runs
    {% endfor %}
),

sorted_runs as (

    select
        {{ scope | join(', ') }},
        count(*) as run_count,
        {{ sorted_values('confidence') }} as confidences
    from scoped_runs
    group by {{ scope | join(', ') }}

),

edges as (

    select
        row_number() over (order by {{ scope | join(', ') }}) as scope_number,
        {% for k in range(10) -%}
            {{ equal_mass_edge('confidences', 'run_count', k) }} as edge_{{ k }},
        {% endfor -%}
        {{ scope | join(', ') }}
    from sorted_runs

),

-- From here on by numbers, which are grouped faster than texts.
binned_runs as (

    select
        edges.scope_number,
        scoped_runs.suite_id,
        scoped_runs.suite_version,
        scoped_runs.task_id,
        scoped_runs.confidence,
        scoped_runs.score,
        {{ equal_mass_bin('scoped_runs.confidence', edges) }} as bin
    from scoped_runs
    inner join edges
        on
            {% for key in scope -%}
                {{ 'and ' if not loop.first }}scoped_runs.{{ key }} = edges.{{ key }}
            {% endfor %}
),

bins as (

    select
        scope_number,
        bin,
        {{ exact_avg('confidence') }} as bin_confidence,
        {{ exact_avg('score') }} as bin_score
    from binned_runs
    group by scope_number, bin

),

measured_runs as (

    select
        binned_runs.*,
        bins.bin_confidence,
        bins.bin_score,
        cast(binned_runs.score as decimal(18, 9)) as scored_value,
        {{ brier_within_bin(
            'binned_runs.confidence', 'binned_runs.score', 'bins.bin_confidence', 'bins.bin_score'
        ) }} as brier_within_bin
    from binned_runs
    inner join bins
        on
            binned_runs.scope_number = bins.scope_number
            and binned_runs.bin = bins.bin

),

-- Beside what a rate rests on, exact sums of what calibration is made of.
tasks as (

    select
        scope_number,
        bin,
        suite_id,
        suite_version,
        task_id,
        count(*) as n,
        cast(sum(scored_value) as decimal(18, 9)) as value_sum,
        sum(scored_value * scored_value) as value_squares,
        count(case when scored_value > 0 then 1 end) as success_count,
        count(case when scored_value < 1 then 1 end) as failure_count,
        min(bin_confidence) as bin_confidence,
        min(bin_score) as bin_score,
        min(confidence) as confidence_min,
        max(confidence) as confidence_max,
        {{ exact_total('confidence') }} as confidence_total,
        {{ exact_total('score') }} as score_total,
        {{ exact_total('score * score') }} as score_square_total,
        {{ exact_total('power(confidence - score, 2)') }} as brier_total,
        {{ exact_total('brier_within_bin') }} as within_bin_total
    from measured_runs
    group by scope_number, bin, suite_id, suite_version, task_id

),

calibrated_tasks as (

    select
        {% for key in scope -%}
            edges.{{ key }},
        {% endfor -%}
        tasks.*
    from tasks
    inner join edges on tasks.scope_number = edges.scope_number

)

select * from calibrated_tasks
