{# Schemas have the names of interface.md (`marts`), without dbt's target prefix.
   custom_schema_name: the folder's +schema, or none.  node: unused, part of dbt's signature. #}
{% macro generate_schema_name(custom_schema_name, node) %}
    {{- custom_schema_name or target.schema -}}
{% endmacro %}
