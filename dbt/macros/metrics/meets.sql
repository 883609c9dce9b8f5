{# Whether a value meets a target under a declared operator; NULL when the value is unknown. #}
{% macro meets(value, operator, target) -%}
    case {{ operator }}
        when '>' then {{ value }} > {{ target }}
        when '>=' then {{ value }} >= {{ target }}
        when '<' then {{ value }} < {{ target }}
        when '<=' then {{ value }} <= {{ target }}
    end
{%- endmacro %}
