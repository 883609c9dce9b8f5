{#
    Whether a run shows what a rule of suggestions measures; NULL when it cannot be known (no stated confidence, no
    count of retries). `run` and `rule` are aliases of int_runs and stg_declared_suggestion_rules.
#}
{% macro shows_measure(run, rule) -%}
    case {{ rule }}.measure
        when 'failure_code' then coalesce(
            left({{ run }}.failure_code, length({{ rule }}.code_prefix)) = {{ rule }}.code_prefix, false
        )
        when 'retry' then {{ run }}.is_retried
        when 'confident_failure' then {{ run }}.is_confident_failure
    end
{%- endmacro %}

{# Whether a run was retried, or retries another. #}
{% macro is_retried(run) -%}
    ({{ run }}.retry_count > 0 or {{ run }}.retry_of_run_id is not null)
{%- endmacro %}

{# Whether a run failed though it had stated a confidence of .8 or more; NULL when it stated none. #}
{% macro is_confident_failure(run) -%}
    case when {{ run }}.confidence is not null then {{ run }}.confidence >= 8e-1 and not {{ run }}.is_success end
{%- endmacro %}
