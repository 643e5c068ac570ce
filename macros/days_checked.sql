{#
    Tests over lines and resource-days look at the days that are another since they last held, tests of sums over a month at the months of such days,
    of sums over all time at all when there is such a day; with --full-refresh at all.

    A day is known by the version of its charges (int_charge_day_versions), of which all that decides about it is a part.
#}

{# Which days a test has held for, by its name: written at the end of a run (remember_days_checked), kept like all landing tables. #}
{% macro days_checked() -%}
    {{ api.Relation.create(database=target.database, schema='landing', identifier='days_checked') }}
{%- endmacro %}

{#
    Whether a row is of a day that this test has yet to hold for, as a SQL condition; a day that is gone is one, so that nothing is left of it.

    column: SQL, the usage date of the row, or the first day of its month.  period: usage_date or billing_month; a month with such a day is looked at
    as a whole.
#}
{% macro is_to_be_checked(column, period='usage_date') -%}
    {%- set versions = ref('int_charge_day_versions') -%}
    {%- if not execute or flags.FULL_REFRESH or load_relation(versions) is none -%}
        true
    {%- else -%}
        {%- set query -%}
            with checked as (select c.usage_date, c.input_version from {{ days_checked() }} as c where c.test = '{{ model.name }}'),
            now as (select usage_date, {{ version_to_hold(model) }} as input_version from {{ versions }})
            select distinct
                {{ "date_trunc('month', usage_date)::date" if period == 'billing_month' else 'usage_date' }}::varchar as period,
                not exists (from checked) as is_first
            from (
                (from now except from checked)
                union all
                (from checked except from now)
            )
            order by period
        {%- endset -%}
        {%- set periods = run_query(query).rows -%}
        {# A list of all days would be a join with it. #}
        {{ 'true' if periods and periods[0][1] else is_one_of(column, periods | map(attribute=0) | list) }}
    {%- endif %}
{%- endmacro %}

{# Whether any day is one that this test has yet to hold for, as SQL: a sum over all time is looked at as a whole, or not at all. #}
{% macro is_any_day_to_be_checked() -%}
    {{ 'false' if is_to_be_checked('usage_date') | trim == 'false' else 'true' }}
{%- endmacro %}

{#
    on-run-end: tests by day that held have now held for all days. Of a run that did not look at all that is below a test (a selection, or `dbt test`)
    nothing is remembered: what it looked at may have been made of other days than those that stand now.

    results: dbt's, of the run.
#}
{% macro remember_days_checked(results) %}
    {% set made = [] %}
    {% for result in results if execute and result.status | string == 'success' %}{% do made.append(result.node.unique_id) %}{% endfor %}
    {% for result in results if execute and not flags.EMPTY and result.status | string == 'pass' and looks_at_days(result.node) and is_made_of(result.node, made) %}
        delete from {{ days_checked() }} where test = '{{ result.node.name }}';
        insert into {{ days_checked() }}
        select '{{ result.node.name }}', usage_date, {{ version_to_hold(result.node) }}
        from {{ adapter.get_relation(target.database, 'intermediate', 'int_charge_day_versions') }};
    {% endfor %}
{% endmacro %}

{#
    The version that a test holds for a day, as SQL over int_charge_day_versions: that of its charges and, of the models that the test's meta names
    (looks_at), what they say, which no day decides.

    node: the test, of the graph or of dbt's results.
#}
{% macro version_to_hold(node) -%}
    {% set models = node.config.meta.looks_at or [] -%}
    {% if models -%}
        hash(
            input_version,
            (select string_agg(said.content, ' ' order by said.relation) from {{ relations_made() }} as said where said.relation in ({{ in_quotes(names_told_as(models)) }}))
        )
    {%- else -%}
        input_version
    {%- endif %}
{%- endmacro %}

{# Whether a test looks at the days that changed: by its text, or a generic one by its arguments. node: of dbt's results. #}
{% macro looks_at_days(node) %}
    {% set arguments = node.test_metadata.kwargs if node.test_metadata is defined else {} %}
    {{ return('_to_be_checked' in (node.raw_code or '') or 'day' in arguments or 'month' in arguments) }}
{% endmacro %}

{# Whether all models, seeds and snapshots below a node, down to the first, are among some. node: of the graph.  made: their unique ids. #}
{% macro is_made_of(node, made) %}
    {% set below = node.depends_on.nodes | list %}
    {% for id in below if id in graph.nodes %}
        {% if id not in made %}{{ return(false) }}{% endif %}
        {# The list grows as it is gone through. #}
        {% for next in graph.nodes[id].depends_on.nodes if next not in below %}{% do below.append(next) %}{% endfor %}
    {% endfor %}
    {{ return(true) }}
{% endmacro %}

{#
    The rows of a relation that a generic test has yet to hold for, as SQL from FROM on: all of them without day and month.

    relation: SQL.  day: SQL, the usage date of a row.  month: SQL, the first day of its month. A row without is always one of them.
#}
{% macro rows_to_be_checked(relation, day=none, month=none) -%}
    from {{ relation }}
    {% if day or month -%}
        where {{ is_to_be_checked(day or month, 'usage_date' if day else 'billing_month') }} or {{ day or month }} is null
    {%- endif %}
{%- endmacro %}
