{% set parts = [
    'input_uncached',
    'input_cache_read',
    'input_cache_write',
    'output_visible',
    'output_reasoning',
] %}
{# Multiplied, and not divided: of decimals so wide Spark keeps six places in a quotient. #}
{% set dollars = cast_or_null('sum(%s)', 'decimal(28, 9)') ~ ' * 0.000001' %}

with

token_usage as (

    select * from {{ ref('int_token_usage') }}

),

model_prices as (

    select * from {{ ref('int_model_prices') }}

),

-- Tokens without a price leave their part, and so the whole call, unpriced.
part_costs as (

    select
        token_usage.*,
        {% for part in parts %}
            case
                when coalesce(token_usage.{{ part }}_tokens, 0) = 0 then 0
                else token_usage.{{ part }}_tokens * model_prices.{{ part }}_usd_per_million
            end as {{ part }}_micro_usd,
        {% endfor %}
        false
        {% for part in parts %}
            or token_usage.{{ part }}_tokens is not null
        {% endfor %}
            as is_counted
    from token_usage
    left join model_prices
        on
            token_usage.model = model_prices.model
            and token_usage.used_on = model_prices.used_on

),

-- Tokens times dollars per million tokens: exact decimals, made dollars once at the end.
valued_usage as (

    select
        *,
        case
            when is_counted
                then
                    0
                    {% for part in parts %}
                        + {{ part }}_micro_usd
                    {% endfor %}
        end as micro_usd
    from part_costs

),

costed_usage as (

    select
        *,
        coalesce(cast(provider_cost_usd as decimal(28, 9)) * 1000000, micro_usd) as cost_micro_usd
    from valued_usage

),

run_usage as (

    select
        organization_id,
        run_id,
        cast(sum(case when is_call then 1 else 0 end) as bigint) as llm_call_count,
        {{ total_of_known(['input_uncached_tokens', 'input_cache_read_tokens', 'input_cache_write_tokens']) }}
            as input_tokens,
        {{ total_of_known(['output_visible_tokens', 'output_reasoning_tokens']) }} as output_tokens,
        {{ cast_or_null(total('input_cache_read_tokens'), 'bigint') }} as cache_read_tokens,
        {{ cast_or_null(total('input_cache_write_tokens'), 'bigint') }} as cache_write_tokens,
        {{ cast_or_null(total('output_reasoning_tokens'), 'bigint') }} as reasoning_tokens,
        case
            when count(micro_usd) = count(*)
                then {{ cast_or_null(dollars % 'micro_usd', 'decimal(18, 9)') }}
        end as computed_cost_usd,
        case
            when count(cost_micro_usd) = count(*)
                then {{ cast_or_null(dollars % 'cost_micro_usd', 'decimal(18, 9)') }}
        end as cost_usd,
        case
            when count(provider_cost_usd) = count(*) then 'provider'
            when count(cost_micro_usd) = count(*) then 'computed'
            else 'none'
        end as cost_source,
        count(*) - count(cost_micro_usd) as unpriced_call_count
    from costed_usage
    group by 1, 2

)

select * from run_usage
