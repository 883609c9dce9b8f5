{# A share as text in per cent, one digit behind the point; NULL of NULL. #}
{% macro percent_text(share) -%}
    cast(cast(round(1e2 * ({{ share }}), 1) as decimal(9, 1)) as string) || ' %'
{%- endmacro %}
