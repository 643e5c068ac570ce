{#
    Incremental by what is new: a model with rows per usage day (or month) holds with each row the version of the day that it was made from, a
    fingerprint of all that decides about it. Days whose version is another now are made again, and no others; a day that is gone, goes.
    A build that failed half-way is made up for by the next, model by model; a model that was made of the same is not looked at (macros/as_it_was.sql).
#}

{#
    The periods of an incremental model that are to be made again, as a list of ISO dates: those whose version in `versions` is not the one in the model.

    versions: relation with usage_date and input_version.  period: usage_date or billing_month; a month's version is made of its days'.
    version: the column of `versions` that days are compared by, NULL for a day without.  rows: SQL, which rows of the model it is the version of.
#}
{% macro periods_with_news(versions, period='usage_date', version='input_version', rows='true') %}
    {% if not execute or load_relation(versions) is none or is_as_it_was() %}{{ return([]) }}{% endif %}
    {% set query %}
        with now as ({{ period_versions(versions, period, version) }}),
        before as (select distinct {{ period }}, input_version from {{ this }} where {{ rows }})
        select distinct coalesce(now.{{ period }}, before.{{ period }})::varchar as period
        from now
        full join before on now.{{ period }} = before.{{ period }} and now.input_version = before.input_version
        where now.input_version is null or before.input_version is null
        order by period
    {% endset %}
    {{ return(run_query(query).columns[0].values() | list) }}
{% endmacro %}

{# The versions of periods, as a query. versions, period, version: as of periods_with_news(). #}
{% macro period_versions(versions, period='usage_date', version='input_version') -%}
    {% if period == 'usage_date' -%}
        select usage_date, {{ version }} as input_version from {{ versions }} where {{ version }} is not null
    {%- else -%}
        select date_trunc('month', usage_date)::date as billing_month, hash(sum(hash(usage_date, input_version)::hugeint)) as input_version
        from {{ versions }}
        group by all
    {%- endif %}
{%- endmacro %}

{#
    Whether a row is of a period that the model makes again, as a SQL condition; always true when the model is built anew.

    column: SQL, of the row.  versions, period: as of periods_with_news().
#}
{% macro has_news(column, versions, period='usage_date') -%}
    {% if is_incremental() %}{{ is_one_of(column, periods_with_news(versions, period)) }}{% else %}true{% endif %}
{%- endmacro %}

{# Whether a row's month has a day with news, as a SQL condition; always true when the model is built anew. column: SQL, the first of the month. #}
{% macro has_news_in_month(column, versions) -%}
    {% if not is_incremental() -%}
        true
    {%- else -%}
        {%- set months = [] -%}
        {%- for day in periods_with_news(versions) if day[:8] ~ '01' not in months %}{% do months.append(day[:8] ~ '01') %}{% endfor -%}
        {{ is_one_of(column, months) }}
    {%- endif %}
{%- endmacro %}

{# Whether a date is one of a list, as a SQL condition. column: SQL DATE.  dates: ISO texts; none: false, so that nothing is scanned. #}
{% macro is_one_of(column, dates) -%}
    {% if dates %}{{ column }} in (date '{{ dates | join("', date '") }}'){% else %}false{% endif %}
{%- endmacro %}

{# Pre-hook of an incremental model: the periods that are made again, or are gone, go first, in the same transaction. #}
{% macro forget_periods(versions, period='usage_date') %}
    {% if is_incremental() %}
        delete from {{ this }} where {{ has_news(period, ref(versions), period) }};
    {% endif %}
{% endmacro %}

{#
    Whether a line is one that int_charge_lines charges again, as a SQL condition: a corrected day changes all later days of its month for lines of
    tiered months, which are few, and for others none.

    lines: alias with usage_date and is_tiered.  versions: int_charge_day_versions.
#}
{% macro is_charged_again(lines, versions) -%}
    {% if not is_incremental() -%}
        true
    {%- else -%}
        {%- set tiered = periods_with_news(versions, version='tiered_version', rows='is_tiered') -%}
        {%- set others = periods_with_news(versions, version='other_version', rows='not is_tiered') -%}
        {%- set days = (tiered + others) | unique | sort -%}
        {# The days by themselves: by them DuckDB skips what it need not read. #}
        (case when {{ lines }}.is_tiered then {{ is_one_of(lines ~ '.usage_date', tiered) }} else {{ is_one_of(lines ~ '.usage_date', others) }} end)
        and {{ is_one_of(lines ~ '.usage_date', days) }}
    {%- endif %}
{%- endmacro %}

{# Pre-hook of int_charge_lines: what is charged again goes first, in the same transaction. versions: name of int_charge_day_versions. #}
{% macro forget_charges(versions) %}
    {% if is_incremental() %}
        delete from {{ this }} as charged where {{ is_charged_again('charged', ref(versions)) }};
    {% endif %}
{% endmacro %}

{#
    Overrides dbt's: what an incremental model appends is written once. The relation that dbt's strategy `append` selects from is a view, where dbt makes
    a table of all new rows, which would be stored twice. (Nothing that such a model selects from changes in between: what is made again has
    gone before, and its SQL names the days or files.)

    Arguments: as of dbt's.
#}
{% macro duckdb__create_table_as(temporary, relation, compiled_code, language='sql', partitioned_by=none, sorted_by=none) -%}
    {% if temporary and language == 'sql' and config.get('incremental_strategy') == 'append' -%}
        {{ get_assert_columns_equivalent(compiled_code) if config.get('contract').enforced }}
        create temporary view {{ relation.include(database=false, schema=false) }} as (
            {{ compiled_code }}
        )
    {%- else -%}
        {{ return(dbt.duckdb__create_table_as(temporary, relation, compiled_code, language, partitioned_by, sorted_by)) }}
    {%- endif %}
{%- endmacro %}

{# A hash of 48 bits as HUGEINT, of which products of two can be summed over 2^30 rows without overflow. Arguments: SQL expressions. #}
{% macro short_hash() -%}
    (hash({{ varargs | join(', ') }}) & 281474976710655)::hugeint
{%- endmacro %}
