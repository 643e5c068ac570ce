{#
    Casts of text as vendors write it. Each gives NULL for what it cannot read exactly; models turn that into a named failure.
#}

{#
    A decimal that is exactly what the text says: NULL when the text is no number or has more digits than the type.

    (A plain cast rounds the digits that do not fit, in silence.)  text: a SQL text expression.  precision, scale: of the result.
    Trailing zeros do not count; an exponent is read when its value fits.
#}
{% macro exact_decimal(text, precision, scale) -%}
    case
        when regexp_full_match({{ text }}, '[+-]?[0-9]*\.?[0-9]{0,{{ scale }}}0*') then try_cast({{ text }} as decimal({{ precision }}, {{ scale }}))
        when try_cast({{ text }} as decimal({{ precision }}, {{ scale }})) = try_cast({{ text }} as decimal(38, {{ [scale + 12, 38 - 4] | min }}))
            and contains(lower({{ text }}), 'e')
            then try_cast({{ text }} as decimal({{ precision }}, {{ scale }}))
    end
{%- endmacro %}

{#
    A date in UTC from US (M/d/yyyy, with or without a 12-hour clock) or ISO text (with or without time and offset).

    A plain ISO date first: it is what most exports have, and the cast by way of an instant takes four times as long.
    text: a SQL text expression.  The session's time zone is UTC (profiles.yml).
#}
{% macro utc_date(text) -%}
    case
        when regexp_full_match({{ text }}, '[0-9]{4}-[0-9]{2}-[0-9]{2}') then try_cast({{ text }} as date)
        when contains({{ text }}, '/')
            then coalesce(try_strptime({{ text }}, '%m/%d/%Y'), try_strptime({{ text }}, '%m/%d/%Y %I:%M:%S %p'), try_strptime({{ text }}, '%m/%d/%Y %H:%M:%S'))::date
        when regexp_full_match({{ text }}, '[0-9]{8}') then try_strptime({{ text }}, '%Y%m%d')::date
        else try_cast({{ text }} as timestamptz)::timestamp::date
    end
{%- endmacro %}

{#
    An instant in UTC, exact to the microsecond (further digits are cut, not rounded), from ISO 8601 text; a bare date is 00:00 UTC.

    text: a SQL text expression.
#}
{% macro utc_instant(text) -%}
    try_cast({{ text }} as timestamptz)::timestamp
{%- endmacro %}

{# A rate between 0 and 1 from either scale: percent points (Partner Center's files) or a share (the API's). Blank is no rate: 0. #}
{% macro rate_of(text) -%}
    case
        when coalesce({{ text }}, '') = '' then 0::decimal(5, 4)
        when try_cast({{ text }} as decimal(9, 4)) > 1 then (try_cast({{ text }} as decimal(9, 4)) * 0.01::decimal(2, 2))::decimal(5, 4)
        else try_cast({{ text }} as decimal(5, 4))
    end
{%- endmacro %}

{# Text without outer blanks, NULL when nothing is left. #}
{% macro text_or_null(text) -%}
    nullif(trim({{ text }}), '')
{%- endmacro %}

{# An id as it is compared everywhere: trimmed, lower case, NULL when blank. #}
{% macro id_of(text) -%}
    nullif(lower(trim({{ text }})), '')
{%- endmacro %}
{#
    The text of a CSV field by the vendor's column name, NULL when blank or when the file lacks the column.

    names: one or more names of the column, newest first; case, blanks and underscores do not matter.
    For models that select from base_csv_rows (columns `header` and `fields`).
#}
{% macro csv_field() -%}
    coalesce(
        {%- for name in varargs %}
            nullif(fields[list_position(header, '{{ name | lower | replace('_', '') | replace(' ', '') }}')], ''){{ ', ' if not loop.last }}
        {%- endfor -%}
        , null
    )
{%- endmacro %}

{#
    A failure of one column, as models collect them: struct(column_name, reason), to be the branch of a CASE.

    column: the vendor's name, '' for the row as a whole.  reason: plain text.  value: SQL text expression quoted behind the reason, or none.
#}
{% macro failure(column, reason, value=none) -%}
    struct_pack(column_name := nullif('{{ column }}', ''), reason := '{{ reason }}'{% if value %} || ': «' || coalesce({{ value }}, '') || '»'{% endif %})
{%- endmacro %}

{# The last path segment of an Azure id: role definitions are compared by it, since their prefix varies (formats, A2). #}
{% macro last_segment(id) -%}
    regexp_extract({{ id }}, '[^/]+$')
{%- endmacro %}

{#
    A scope id as scopes are compared (A1): lower case, no trailing slash; the root stays `/`.

    id: a SQL text expression.
#}
{% macro scope_of(id) -%}
    coalesce(nullif(rtrim(lower(trim({{ id }})), '/'), ''), '/')
{%- endmacro %}

{#
    The scope on which an assignment stands, cut from the assignment's own id.

    id: SQL text, lower case.  collection: `provider/type` of the assignment, lower case.
#}
{% macro scope_in(id, collection) -%}
    {{ scope_of("regexp_replace(" ~ id ~ ", '/providers/" ~ collection ~ "/[^/]*$', '')") }}
{%- endmacro %}

{# The subscription GUID of a scope or resource id in lower case; NULL for management groups and the root. #}
{% macro subscription_of(id) -%}
    nullif(regexp_extract({{ id }}, '^/subscriptions/([^/]+)', 1), '')
{%- endmacro %}

{# The date of an export (export lifecycle): parts of one share it; a modification time is exact to its day only. files: alias of landing_files. #}
{% macro export_date(files) -%}
    case when {{ files }}.is_date_from_name then {{ files }}.exported_at else {{ files }}.exported_at::date::timestamp end
{%- endmacro %}

{#
    D5: the reseller of record of usage: what a billed line says, and of an unbilled one, that leaves it blank, the relationship of its day.

    named: SQL, the reseller that the line names.  relationships: alias of int_unbilled_resellers, joined to unbilled usage only.
#}
{% macro reseller_of_record(named, relationships) -%}
    coalesce({{ named }}, {{ relationships }}.reseller_partner_id)
{%- endmacro %}
