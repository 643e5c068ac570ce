{# What a build on Spark does before its first model. This file is copied into the generated project as it is. #}

{# Stops a build whose session computes otherwise than DuckDB: settings, and what they should make of a few expressions (spark/settings.py). #}
{% macro check_settings() %}
    {% if execute and flags.WHICH in ['build', 'run', 'test'] %}
        {% set wrong = [] %}
        {% for name, value in var('required_settings').items() %}
            {% set found = run_query('set ' ~ name).rows[0][1] %}
            {% if found | lower != value | lower %}{% do wrong.append(name ~ ' is ' ~ found ~ ' and must be ' ~ value) %}{% endif %}
        {% endfor %}
        {% for probe in var('probes') %}
            {% set found = run_query('select ' ~ probe[0]).rows[0][0] %}
            {% if found != probe[1] %}{% do wrong.append(probe[0] ~ ' is ' ~ found ~ ' and must be ' ~ probe[1]) %}{% endif %}
        {% endfor %}
        {% if wrong %}
            {% do exceptions.raise_compiler_error('Spark would compute something else than DuckDB. Set its session, and build again: ' ~ wrong | join('; ')) %}
        {% endif %}
    {% endif %}
{% endmacro %}

{# Makes a table over each folder of the archive. Columns are named, as the files have different ones: a file without a column has NULL there. #}
{% macro create_archive_tables() %}
    {% if execute and flags.WHICH in ['build', 'run'] %}
        {% do run_query('create schema if not exists archive') %}
        {% for folder, table in var('archive_tables').items() %}
            {% set columns = [] %}
            {% for name, type in table.columns.items() %}{% do columns.append('`' ~ name ~ '` ' ~ type) %}{% endfor %}
            {% do run_query('drop table if exists archive.' ~ folder.split('/')[-1]) %}
            {% do run_query(
                'create table archive.' ~ folder.split('/')[-1] ~ ' (' ~ columns | join(', ') ~ ") using parquet location '" ~ table.path ~ "'"
            ) %}
        {% endfor %}
    {% endif %}
{% endmacro %}

{# Makes the table of settled months without rows: each build computes all months. #}
{% macro create_build_state() %}
    {% if execute and flags.WHICH in ['build', 'run'] %}
        {% do run_query('create schema if not exists build_state') %}
        {% do run_query('drop table if exists build_state.settled_months') %}
        {% do run_query(
            'create table build_state.settled_months (billing_month date, usage_version string, access_version string, price_version string, '
            ~ 'directory_version string, reference_data_version string, rules_version string) using parquet'
        ) %}
    {% endif %}
{% endmacro %}

{# Schemas have the names of interface.md, as on DuckDB. #}
{% macro generate_schema_name(custom_schema_name, node) %}
    {{- custom_schema_name or target.schema -}}
{% endmacro %}
