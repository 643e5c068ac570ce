{# What a build computes. Usage lines are typed once per content of the archive; models after that are computed by month (int_changed_months lists
the months and the reasons). Each model is a stock incremental model with strategy `append`: a pre-hook deletes the rows that are replaced or no
longer in force, in the same transaction, and the model selects the new rows. #}

{# Pre-hook of a model with rows per content: deletes contents that are no longer in force, and all rows typed by an earlier version of the rules.
kind: of archive files. #}
{% macro delete_contents(kind) %}
    {% if is_incremental() %}
        delete from {{ this }}
        where
            content_id not in (select f.content_id from {{ ref('stg_archive__files') }} as f where f.kind = '{{ kind }}' and f.is_in_force)
            or rules_version != (select v.rules_version from {{ ref('project_version') }} as v);
    {% endif %}
{% endmacro %}

{# Pre-hook of a model with one row per key: deletes all rows typed by an earlier version of the rules. #}
{% macro delete_outdated_names() %}
    {% if is_incremental() %}
        delete from {{ this }} where rules_version != (select v.rules_version from {{ ref('project_version') }} as v);
    {% endif %}
{% endmacro %}

{# Contents in force that this incremental model has not read yet, as a query of content_id.  kind: of archive files. #}
{% macro unread_contents(kind) -%}
    select content_id from {{ ref('stg_archive__files') }} where kind = '{{ kind }}' and is_in_force
    {% if is_incremental() -%}
        except
        select content_id from {{ this }}
    {%- endif %}
{%- endmacro %}

{# Pre-hook of a model with rows per month: deletes the changed months, so that a month without usage ends up empty. #}
{% macro delete_changed_months(column='billing_month') %}
    {% if is_incremental() %}
        delete from {{ this }} where {{ is_in_changed_month(column) }};
    {% endif %}
{% endmacro %}

{# SQL condition: the row belongs to a changed month. month: SQL, the first day of the row's month. #}
{% macro is_in_changed_month(month='billing_month') -%}
    {{ month }} in (select changed.billing_month from {{ ref('int_changed_months') }} as changed)
{%- endmacro %}

{# The table of settled months. #}
{% macro settled_months() %}
    {{ return(api.Relation.create(database=target.database, schema='build_state', identifier='settled_months')) }}
{% endmacro %}

{# on-run-start: creates the table of settled months if it does not exist. #}
{% macro create_build_state() %}
    create schema if not exists build_state;
    create table if not exists {{ settled_months() }} (
        billing_month date, usage_version varchar, access_version varchar, price_version varchar, directory_version varchar,
        reference_data_version varchar, rules_version varchar
    );
{% endmacro %}

{# Post-hook of int_changed_months: removes changed months from settled_months. A month stays changed until all models and tests pass, even if its
inputs change back. #}
{% macro unsettle_changed_months() %}
    delete from {{ settled_months() }} where billing_month in (select billing_month from {{ this }});
{% endmacro %}

{# on-run-end: after a build in which every model and data test took part and passed, settles all months. pec night builds again when the last
green build was not published (macros/publish.sql).  results: dbt's, of the run. #}
{% macro settle_months(results) %}
    {% if is_whole_green_build(results) %}
        delete from {{ settled_months() }};
        insert into {{ settled_months() }} by name select * from {{ adapter.get_relation(target.database, 'intermediate', 'int_month_fingerprints') }};
        create or replace table build_state.last_green_build as select '{{ publication_id() }}' as publication_id;
    {% endif %}
{% endmacro %}

{# Whether the run was a complete build (unit tests may be left out) in which nothing failed. results: dbt's, of the run. #}
{% macro is_whole_green_build(results) %}
    {% if not execute or flags.WHICH != 'build' or flags.EMPTY %}{{ return(false) }}{% endif %}
    {% set passed = [] %}
    {% for result in results if result.status | string in ['success', 'pass'] %}{% do passed.append(result.node.unique_id) %}{% endfor %}
    {% for id, node in graph.nodes.items() if node.resource_type in ['model', 'seed', 'test'] and node.config.enabled and id not in passed %}
        {{ return(false) }}
    {% endfor %}
    {{ return(true) }}
{% endmacro %}

{# Fingerprint of the settings that affect numbers (vars of dbt_project.yml or of the command line). #}
{% macro settings_version() -%}
    {{ local_md5(tojson([
        var('access_gap_tolerance_seconds'), var('invoice_tolerance_cents'), var('marketplace_offers_are_linked_automatically') | string | lower
    ]))[:16] }}
{%- endmacro %}

{# The month of a day, as SQL DATE: the first of it. day: SQL DATE. #}
{% macro month_of(day) -%}
    date_trunc('month', {{ day }})::date
{%- endmacro %}

{# FROM clause of a generic test: the rows of changed months (after a change of the rules and with --full-refresh all months), or all rows if
neither day nor month is given.
   relation: SQL.  day: SQL, the usage date of a row.  month: SQL, the first day of its month. Rows without one are always tested. #}
{% macro rows_of_changed_months(relation, day=none, month=none) -%}
    from {{ relation }}
    {% if day or month -%}
        where {{ is_in_changed_month(month or month_of(day)) }} or {{ month or day }} is null
    {%- endif %}
{%- endmacro %}

{# For tests of models that rejected_rows and landed_files are made of: with this dependency a red one does not stop these two, which say what is wrong.
   (dbt holds back what is made of all that a test looks at.) #}
{% macro depends_on_landed_files() -%}
    -- depends_on: {{ ref('landed_files') }}
{%- endmacro %}

{# Patterns of the files that determine the numbers, relative to the project; seeds are reference data. Also in pec/project.py. #}
{% macro project_files() %}
    {{ return([
        'models/**/*.sql', 'models/**/*.py', 'models/**/*.yml', 'macros/*.sql', 'tests/generic/*.sql', 'tests/invariants/*.sql', 'pec/**/*.py',
        'dbt_project.yml', 'requirements.lock', 'seeds/reference/*',
    ]) }}
{% endmacro %}
