{# What a build computes. Usage lines are typed once per content of the archive; models after that are computed by month (int_changed_months lists
the months and the reasons). Each model is a stock incremental model with strategy `append`: a pre-hook deletes the rows that are replaced or no
longer in force, in the same transaction, and the model selects the new rows. #}

{# Pre-hook of a model that types what the archive holds: deletes rows typed by an earlier version of the rules, and contents no longer in force.
kind: of archive files, of a model with rows per content. #}
{% macro delete_outdated(kind=none) %}
    {% if is_incremental() %}
        delete from {{ this }}
        where
            rules_version != (select v.rules_version from {{ ref('project_version') }} as v)
            {% if kind -%}
                or content_id not in (select f.content_id from {{ ref('stg_archive__files') }} as f where f.kind = '{{ kind }}' and f.is_in_force)
            {%- endif %};
    {% endif %}
{% endmacro %}

{# Contents in force that this incremental model has not read yet, as a query of content_id.  kind: of archive files. #}
{% macro unread_contents(kind) -%}
    select content_id from {{ ref('stg_archive__files') }} where kind = '{{ kind }}' and is_in_force
    {% if is_incremental() %}except select content_id from {{ this }}{% endif %}
{%- endmacro %}

{# Pre-hook of a model with rows per month: deletes the changed months, so that a month without usage ends up empty. #}
{% macro delete_changed_months(column='billing_month') %}
    {% if is_incremental() %}delete from {{ this }} where {{ is_in_changed_month(column) }};{% endif %}
{% endmacro %}

{# SQL condition: the row belongs to a changed month. month: SQL, the first day of the row's month. #}
{% macro is_in_changed_month(month='billing_month') -%}
    {{ month }} in (select changed.billing_month from {{ ref('int_changed_months') }} as changed)
{%- endmacro %}

{# on-run-start: creates the table of settled months if it does not exist. A month stays changed until all models and tests pass, even if its inputs
change back: int_changed_months deletes it, and settle_months() writes it. #}
{% macro create_build_state() %}
    create schema if not exists build_state;
    create table if not exists build_state.settled_months (
        billing_month date, usage_version varchar, access_version varchar, price_version varchar, directory_version varchar,
        reference_data_version varchar, rules_version varchar
    );
{% endmacro %}

{# on-run-end: the end of a build is Python (pec/end_of_build.py): it settles months, prints the summary, and publishes. Of the run it needs the
statuses of results, what a whole build consists of, and the names of the marts.  results: dbt's, of the run. #}
{% macro end_build(results) %}
    {% if execute and flags.WHICH in ['build', 'run'] and not flags.EMPTY %}
        {% set statuses = {} %}
        {% for result in results if result.status != 'no-op' %}{# an exposure #}{% do statuses.update({result.node.unique_id: result.status | string}) %}{% endfor %}
        {% set nodes = graph.nodes.values() | selectattr('config.enabled') | selectattr('resource_type', 'in', ['model', 'seed', 'test']) | list %}
        {% do adapter.store_relation('dbt_plugin', none, [], '', '', {
            'statuses': statuses, 'messages': results | map(attribute='message') | select('string') | list,
            'needed': nodes | map(attribute='unique_id') | list, 'is_build': flags.WHICH == 'build', 'began_at': run_started_at,
            'marts': nodes | selectattr('resource_type', 'equalto', 'model') | selectattr('schema', 'equalto', 'marts') | map(attribute='name') | list,
            'storage_version': var('published_storage_version'), 'kept': var('publications_kept') | int,
            'judged_by': {'claim_days': var('claim_days') | int, 'possible_settlement_days': var('possible_settlement_days') | int},
        }) %}
    {% endif %}
{% endmacro %}

{# The month of a day, as SQL DATE: the first of it. day: SQL DATE. #}
{% macro month_of(day) -%}
    date_trunc('month', {{ day }})::date
{%- endmacro %}

{# FROM clause of a generic test: the rows of changed months (after a change of the rules and with --full-refresh all months), or all rows if
neither day nor month is given.
   relation: SQL.  day: SQL, the usage date of a row.  month: SQL, the first day of its month. Rows without one are always tested. #}
{% macro rows_of_changed_months(relation, day=none, month=none) -%}
    from {{ relation }}
    {% if day or month %}where {{ is_in_changed_month(month or month_of(day)) }} or {{ month or day }} is null{% endif %}
{%- endmacro %}
