{# Quantities of a run whose values a summary holds in order, for exact quantiles. #}
{% macro summarized_sizes() -%}
    {{ return({
        'latency': 'latency_ms', 'cost': 'cost_usd', 'token': 'cast(input_tokens as double) + output_tokens',
    }) }}
{%- endmacro %}

{#
    The steps from runs (a CTE with the columns of int_runs) to exact sums per combination of the key columns,
    `run_summary`, and to `task_outcomes` per combination and task: what days, added up, give of longer times.
    Tokens are known where both the input's and the output's are.
#}
{% macro run_summary_steps(runs, keys) %}
scored_runs as (

    select * from {{ runs }}
    where population = 'scored'

),

{{ task_outcome_steps('scored_runs', keys) }},

-- The caps (115 days, a million dollars a run) only keep absurd values from overflowing the sums of squares.
bounded_runs as (

    select
        *,
        case when population = 'scored' then cast(coalesce(score, 0) as decimal(18, 9)) end as scored_value,
        cast(case when latency_ms > 9999999999 then 9999999999 else latency_ms end as decimal(19, 0)) as latency,
        case when cost_usd > 1000000 then 1000000 else cost_usd end as cost
    from {{ runs }}

),

run_summary as (

    select
        {{ keys | join(', ') }},
        {% for name, value in summarized_sizes().items() -%}
            {{ sorted_values(value) }} as {{ name }}_values,
        count({{ value }}) as {{ name }}_known_count,
        {% endfor -%}
        count(*) as run_count,
        count(case when population = 'scored' and is_success then 1 end) as success_count,
        count(case when population = 'scored' then 1 end) as scored_run_count,
        count(case when population = 'infra' then 1 end) as infra_run_count,
        count(case when population = 'unscored' then 1 end) as unscored_run_count,
        count(case when population = 'cancelled' then 1 end) as cancelled_run_count,
        count(is_hallucinated) as hallucination_judged_count,
        count(case when is_hallucinated then 1 end) as hallucinated_count,
        count(case when retry_count is not null or retry_of_run_id is not null then 1 end) as retry_known_count,
        count(case when retry_count > 0 or retry_of_run_id is not null then 1 end) as retried_count,
        count(retry_count) as retry_counted_count,
        count(case when has_open_dispute then 1 end) as disputed_count,
        count(working_ms) as working_known_count,
        cast(sum(unpriced_call_count) as bigint) as unpriced_call_count,
        {{ total('latency_ms') }} as latency_total,
        {{ total('working_ms') }} as working_total,
        {{ total('retry_count') }} as retry_total,
        sum(cost_usd) as total_cost_usd,
        sum(scored_value) as scored_total,
        sum(latency) as latency_sum,
        sum(latency * latency) as latency_squares,
        sum(cost) as cost_sum,
        sum(cost * cost) as cost_squares
    from bounded_runs
    group by {{ keys | join(', ') }}

)
{%- endmacro %}

{#
    The same two of coarser keys, from relations that hold them for finer ones: `summaries` and `outcomes`, with the key
    columns in both.
#}
{% macro folded_summary_steps(summaries, outcomes, keys) %}
{%- set counts = [
    'run_count', 'scored_run_count', 'success_count', 'infra_run_count', 'unscored_run_count',
    'cancelled_run_count', 'hallucination_judged_count', 'hallucinated_count', 'retry_known_count', 'retried_count',
    'retry_counted_count', 'disputed_count', 'working_known_count', 'unpriced_call_count',
] -%}
{%- set sums = [
    'latency_total', 'working_total', 'retry_total', 'total_cost_usd', 'scored_total', 'latency_sum', 'latency_squares',
    'cost_sum', 'cost_squares',
] -%}
run_summary as (

    select
        {{ keys | join(', ') }},
        {% for name in summarized_sizes() -%}
            {{ merged_values(name ~ '_values') }} as {{ name }}_values,
        cast(sum({{ name }}_known_count) as bigint) as {{ name }}_known_count,
        {% endfor -%}
        {% for column in counts -%}
            cast(sum({{ column }}) as bigint) as {{ column }},
        {% endfor -%}
        {% for column in sums -%}
            sum({{ column }}) as {{ column }}{{ ',' if not loop.last }}
        {% endfor %}
    from {{ summaries }}
    group by {{ keys | join(', ') }}

),

{{ folded_outcome_steps(outcomes, keys) }}
{%- endmacro %}
