with

-- Tokens are known where both the input's and the output's are.
run_windows as (

    select
        *,
        cast(input_tokens as double) + output_tokens as token_count
    from {{ ref('int_run_windows') }}

),

{{ agent_metric_steps('run_windows', ['organization_id', 'agent_id', 'window_name'], [
    {'name': 'cost', 'suffix': '_usd', 'column': 'cost_usd', 'percents': [50, 95]},
    {'name': 'token', 'suffix': '_count', 'column': 'token_count', 'percents': [50, 95]},
]) }}

select * from metrics
