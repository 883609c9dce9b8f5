{#
    The failure classifier's functions, generated from the taxonomy when the warehouse is made: their patterns are
    data and never pass through Jinja. Texts are described in dagster_project/failures/messages/normalise.py.
#}

{# How a generated function is named: DuckDB keeps them in a schema of the warehouse file, Spark in the session. #}
{% macro generated_function(name) -%}
    {{ return(adapter.dispatch('generated_function')(name)) }}
{%- endmacro %}

{% macro duckdb__generated_function(name) -%}
    functions.{{ name }}
{%- endmacro %}

{% macro spark__generated_function(name) -%}
    {{ name }}
{%- endmacro %}

{# A message without the log envelope around it. #}
{% macro classifier_text(message) -%}
    {{ generated_function("classifier_text") }}({{ message }})
{%- endmacro %}

{# A classifier text with everything masked that varies between occurrences of one problem. #}
{% macro masked_message(text) -%}
    {{ generated_function("masked_message") }}({{ text }})
{%- endmacro %}

{# The templates of a list of masked messages of one code, in the list's order: equal ones are one problem. #}
{% macro group_templates(messages) -%}
    group_templates({{ messages }})
{%- endmacro %}

{# The first HTTP error status that a text names, as text; NULL when it names none. #}
{% macro status_in_text(text) -%}
    {{ generated_function("status_in_text") }}({{ text }})
{%- endmacro %}

{# A classifier text without the phrases that deny a failure: what patterns, rules and model read. #}
{% macro telling_text(text) -%}
    {{ generated_function("telling_text") }}({{ text }})
{%- endmacro %}

{# Whether a telling text is a healthy line, which gets no code. #}
{% macro reports_health(text) -%}
    {{ generated_function("reports_health") }}({{ text }})
{%- endmacro %}

{#
    What the model in force says of a text: code, confidence and its name with a space between, or HEALTHY where a
    pattern would decide about what it takes for a healthy line; NULL where it says nothing.
#}
{% macro model_answer(phase, text, deciding_regex) -%}
    failure_model_answer(coalesce({{ phase }}, ''), {{ text }}, {{ deciding_regex }})
{%- endmacro %}

{# The code that a masked message reads most like and how often that misleads, with a space between; else NULL. #}
{% macro nearest_failure(message) -%}
    nearest_failure({{ message }})
{%- endmacro %}

{# The ids of every pattern that matches, in the order they are tried, with a comma between; NULL for none. #}
{% macro matching_patterns(source, phase, text) -%}
    matching_patterns({{ source }}, {{ phase }}, {{ text }})
{%- endmacro %}

{# The stable identity of an error. #}
{% macro error_fingerprint(source, phase, code_declared, http_status, masked, top_frame) -%}
    {{ generated_function("error_fingerprint") }}(
        {{ source }}, {{ phase }}, {{ code_declared }}, {{ http_status }}, {{ masked }}, {{ top_frame }}
    )
{%- endmacro %}

{# The identity of a group of fingerprints that are one problem. #}
{% macro error_group(code, template) -%}
    {{ generated_function("error_group") }}({{ code }}, {{ template }})
{%- endmacro %}
