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

{# Makes a table over each folder of the archive. Columns are named, as the files have different ones: a file without a column has NULL there.
   The variables archive and manifest are paths as the cluster has them. #}
{% macro create_archive_tables() %}
    {% if execute and flags.WHICH in ['build', 'run'] %}
        {% do run_query('create schema if not exists archive') %}
        {% for folder, types in var('archive_tables').items() %}
            {% set path = var('manifest') if folder == 'manifest' else var('archive') ~ '/' ~ folder %}
            {% set columns = [] %}
            {% for name, type in types.items() %}{% do columns.append('`' ~ name ~ '` ' ~ type) %}{% endfor %}
            {% do run_query('drop table if exists archive.' ~ folder.split('/')[-1]) %}
            {% do run_query(
                'create table archive.' ~ folder.split('/')[-1] ~ ' (' ~ columns | join(', ') ~ ") using parquet location '" ~ path ~ "'"
            ) %}
        {% endfor %}
    {% endif %}
{% endmacro %}

{# Makes the table of settled months if there is none: the fingerprints of months in the last green build. --full-refresh makes it anew. #}
{% macro create_build_state() %}
    {% if execute and flags.WHICH in ['build', 'run'] %}
        {% do run_query('create schema if not exists build_state') %}
        {% if flags.FULL_REFRESH %}{% do run_query('drop table if exists build_state.settled_months') %}{% endif %}
        {% do run_query(
            'create table if not exists build_state.settled_months (usage_version string, access_version string, price_version string, '
            ~ 'directory_version string, reference_data_version string, rules_version string, billing_month date) '
            ~ 'using parquet partitioned by (billing_month)'
        ) %}
    {% endif %}
{% endmacro %}

{# Pre-hook of a model with rows per month: drops the changed months. insert_overwrite would keep one that became empty. #}
{% macro drop_changed_months() %}
    {% if execute and is_incremental() %}{% do drop_months(this, ref('int_changed_months')) %}{% endif %}
{% endmacro %}

{# Post-hook of int_changed_months: a month stays changed until a build is green, even if its inputs change back. #}
{% macro forget_changed_months() %}
    {% if execute %}{% do drop_months('build_state.settled_months', this) %}{% endif %}
{% endmacro %}

{# Drops months of a table that is partitioned by billing_month. relation: the table.  changed: a relation with one row per month to drop. #}
{% macro drop_months(relation, changed) %}
    {% for month in run_query('select cast(billing_month as string) from ' ~ changed).columns[0].values() %}
        {% do run_query("alter table " ~ relation ~ " drop if exists partition (billing_month = date'" ~ month ~ "')") %}
    {% endfor %}
{% endmacro %}

{# on-run-end: notes the fingerprints of all months, if every model and test took part and passed. results: dbt's, of the run. #}
{% macro settle_months(results) %}
    {% if execute and flags.WHICH == 'build' %}
        {% set passed = results | selectattr('status', 'in', ['success', 'pass']) | map(attribute='node.unique_id') | list %}
        {% set needed = graph.nodes.values() | selectattr('resource_type', 'in', ['model', 'test']) | map(attribute='unique_id') | list %}
        {% if needed | reject('in', passed) | list | length == 0 %}
            {% do run_query(
                'insert overwrite table build_state.settled_months partition (billing_month) select usage_version, access_version, price_version, '
                ~ 'directory_version, reference_data_version, rules_version, billing_month from intermediate.int_month_fingerprints'
            ) %}
        {% endif %}
    {% endif %}
{% endmacro %}

{# Schemas have the names of interface.md, as on DuckDB. #}
{% macro generate_schema_name(custom_schema_name, node) %}
    {{- custom_schema_name or target.schema -}}
{% endmacro %}
