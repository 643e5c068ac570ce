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
