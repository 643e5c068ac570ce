{#
    Invariants over lines and resource-days look at the days that are another since they last held; with --full-refresh at all. What a day does not
    decide alone (exchange rates, sums over a month) is looked at as a whole each time.

    A day is known by the version of its charges (int_charge_day_versions), of which all that decides about it is a part.
#}

{# Which days an invariant has held for, by its name: written at the end of a run (remember_days_checked), kept like all landing tables. #}
{% macro days_checked() -%}
    {{ api.Relation.create(database=target.database, schema='landing', identifier='days_checked') }}
{%- endmacro %}

{# Whether a row is of a day that the invariant has yet to hold for, as a SQL condition. column: SQL, the usage date of the row. #}
{% macro is_to_be_checked(column) -%}
    {%- set versions = ref('int_charge_day_versions') -%}
    {%- if not execute or flags.FULL_REFRESH or load_relation(versions) is none -%}
        true
    {%- else -%}
        {%- set query -%}
            select usage_date::varchar from {{ versions }}
            where (usage_date, input_version) not in (
                select (c.usage_date, c.input_version) from {{ days_checked() }} as c where c.test = '{{ model.name }}'
            )
            order by usage_date
        {%- endset -%}
        {{ is_one_of(column, run_query(query).columns[0].values() | list) }}
    {%- endif %}
{%- endmacro %}

{# on-run-end: invariants by day that held have now held for all days. results: dbt's, of the run. #}
{% macro remember_days_checked(results) %}
    {% for result in results if execute and result.status | string == 'pass' and 'is_to_be_checked' in (result.node.raw_code or '') %}
        delete from {{ days_checked() }} where test = '{{ result.node.name }}';
        insert into {{ days_checked() }}
        select '{{ result.node.name }}', usage_date, input_version
        from {{ adapter.get_relation(target.database, 'intermediate', 'int_charge_day_versions') }};
    {% endfor %}
{% endmacro %}
