{# Casts of vendor text. Each returns NULL for text that it cannot read exactly; models turn that into a named failure. #}

{# Text without blanks of any kind, zero-width characters and byte-order marks around it, which PowerShell, Excel or a portal leave. NULL if nothing is
   left. Most text is plain, and the first test is quick.  text: a SQL text expression, here and below. #}
{% macro text_or_null(text) -%}
    nullif(case
        when regexp_full_match({{ text }}, '[!-~]*') then {{ text }}
        else regexp_replace({{ text }}, '^[\p{Z}\p{Cc}\p{Cf}]+|[\p{Z}\p{Cc}\p{Cf}]+$', '', 'g')
    end, '')
{%- endmacro %}

{# An id for comparison: lower case, without invisible characters (inside, too), without blanks around it, a GUID without braces. NULL if blank. #}
{% macro id_of(text) -%}
    nullif(lower(case
        when regexp_full_match({{ text }}, '[!-z|~]*') then {{ text }}
        else trim(regexp_replace(
            regexp_replace({{ text }}, '[\p{Cc}\p{Cf}]', '', 'g'), '\{([0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12})\}', '\1', 'g'
        ))
    end), '')
{%- endmacro %}

{# A partner id; 0, -1 and blank are none (D5). #}
{% macro partner_of(text) -%}
    case when not regexp_full_match({{ id_of(text) }}, '-1|0+') then {{ id_of(text) }} end
{%- endmacro %}

{# The exact decimal of a text; NULL if the text is no number or has more digits than the type. (A plain cast rounds them in silence, and reads 1_000.)
   Trailing zeros do not count; an exponent (9.22337203685478E+18, 4.2E-05, 0E-15) moves the point.  precision, scale: of the result. #}
{% macro exact_decimal(text, precision, scale) -%}
    {%- set number = '[+-]?[0-9]*[.]?[0-9]{0,' ~ scale ~ '}0*' -%}
    try_cast(case
        when regexp_full_match({{ text }}, '{{ number }}') then {{ text }} else regexp_extract({{ without_exponent(text) }}, '^{{ number }}$')
    end as decimal({{ precision }}, {{ scale }}))
{%- endmacro %}

{# A number with an exponent as text without one: its point is moved among its digits and enough zeros, none is lost. NULL for other text, and for more
   than 40 digits before or behind the point. Beyond ±99 an exponent counts as ±99: no type here tells the two apart. #}
{% macro without_exponent(text) -%}
    {%- set zeros = '0' * 99 -%}
    {%- set digits = "('" ~ zeros ~ "' || regexp_replace(" ~ text ~ ", '^[+-]?([0-9]*)[.]?([0-9]*)[eE].*$', '\\1\\2') || '" ~ zeros ~ "')" -%}
    {%- set exponent = "greatest(-99, least(99, regexp_extract(" ~ text ~ ", '[eE][+]?(.*)', 1)::integer))" -%}
    {%- set point = "(98 + length(regexp_extract(" ~ text ~ ", '[0-9]*[.eE]')) + " ~ exponent ~ ")" -%}
    case
        when regexp_full_match({{ text }}, '[+-]?([0-9]{1,40}[.]?[0-9]{0,40}|[.][0-9]{1,40})[eE][+-]?[0-9]{1,3}')
            then case when {{ text }} like '-%' then '-0' else '0' end
            || ltrim(left({{ digits }}, {{ point }}), '0') || '.' || rtrim(substring({{ digits }}, {{ point }} + 1), '0')
    end
{%- endmacro %}

{# A number of any digits, rounded to the type; NULL if the text is no number or too large. #}
{% macro rounded_decimal(text, precision, scale) -%}
    try_cast(case
        when regexp_full_match({{ text }}, '[+-]?[0-9]*[.]?[0-9]*') then {{ text }} else {{ without_exponent(text) }}
    end as decimal({{ precision }}, {{ scale }}))
{%- endmacro %}

{# A vendor's total as an amount, DECIMAL(38, 18), rounded half away from zero; NULL when the text is no number. A cast of more than 18 decimals divides
   a 128-bit number (2 µs a line), so the text is cut and the next digit decides the rounding. #}
{% macro amount_of(text) -%}
    case
        when length({{ text }}) - instr({{ text }}, '.') > 18 and regexp_full_match({{ text }}, '[+-]?[0-9]*\.[0-9]{19,}')
            then try_cast(left({{ text }}, instr({{ text }}, '.') + 18) as decimal(37, 18))
            + case
                when substring({{ text }}, instr({{ text }}, '.') + 19, 1) < '5' then 0
                when {{ text }} like '-%' then -0.000000000000000001::decimal(18, 18)
                else 0.000000000000000001::decimal(18, 18)
            end
        else {{ rounded_decimal(text, 38, 18) }}
    end
{%- endmacro %}

{# A date in UTC (the session's time zone) from US (M/d/yyyy, with or without a 12-hour clock) or ISO text (with or without time and offset), of the
   years 2010 to `until`. Plain ISO dates are tested first: most exports use them, and a cast through an instant takes four times as long. #}
{% macro utc_date(text, until=2100) -%}
    {%- set years = '(20[1-9][0-9]|2100)' if until == 2100 else '(20[1-9][0-9]|2[1-9][0-9]{2}|[3-9][0-9]{3})' -%}
    case
        when regexp_full_match({{ text }}, '{{ years }}-[0-9]{2}-[0-9]{2}') then try_cast({{ text }} as date)
        when regexp_full_match({{ text }}, '[0-9]{1,2}/[0-9]{1,2}/{{ years }}( [0-9]{1,2}:[0-9]{1,2}:[0-9]{1,2}( [AaPp][Mm])?)?')
            then coalesce(try_strptime({{ text }}, '%m/%d/%Y'), try_strptime({{ text }}, '%m/%d/%Y %I:%M:%S %p'), try_strptime({{ text }}, '%m/%d/%Y %H:%M:%S'))::date
        when regexp_full_match({{ text }}, '{{ years }}[0-9]{4}') then try_strptime({{ text }}, '%Y%m%d')::date
        when regexp_full_match({{ text }}, '{{ years }}{{ iso_after_year() }}') then try_cast(upper({{ text }}) as timestamptz)::timestamp::date
    end
{%- endmacro %}

{# Whether one of a row's texts proves how its file writes dates with slashes: only month-first reads 8/31/2026, only day-first 31/8/2026.
   order: 'month' or 'day', what comes first.  texts: list of SQL text expressions. #}
{% macro proves_dates(order, texts) -%}
    {%- set month, day = '(0?[1-9]|1[0-2])', '(1[3-9]|2[0-9]|3[01])' -%}
    regexp_matches(concat_ws(' ', {{ texts | join(', ') }}), '(^|[^0-9/])0*{{ month ~ '/' ~ day if order == 'month' else day ~ '/' ~ month }}/[0-9]{4}')
{%- endmacro %}

{# Whether one of a row's numbers proves that a comma, or a point, stands before its decimals: it cannot be a mark between thousands.
   mark: ',' or '.'.  texts: list of SQL text expressions. #}
{% macro proves_decimals(mark, texts) -%}
    regexp_matches(concat_ws(' ', {{ texts | join(', ') }}), '(^|[^0-9.,])([+-]?0*[{{ mark }}][0-9]+|[+-]?[0-9]+[{{ mark }}]([0-9]{1,2}|[0-9]{4,}))([^0-9.,]|$)')
{%- endmacro %}

{# What may follow the year of ISO 8601 text, as a pattern: all that is cast, as engines differ beyond it. No clock is more than 14 hours from UTC. #}
{% macro iso_after_year() -%} -[0-9]{1,2}-[0-9]{1,2}([Tt ]([01]?[0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9]([.][0-9]*)?)?([Zz]| [Uu][Tt][Cc]|[+-](0[0-9]|1[0-4])(:?[0-5][0-9])?)?)? {%- endmacro %}

{# An instant in UTC, exact to the microsecond (further digits are cut, not rounded), of the years 2010 to `until`: ISO 8601 text in any letter case
   (a bare date is 00:00 UTC), or Windows PowerShell's /Date(milliseconds since 1970)/. Ends may be as late as 9999: so vendors write an open one. #}
{% macro utc_instant(text, until=2100) -%}
    {%- set instant -%}
        case
            when regexp_full_match({{ text }}, '(?i)/date\([0-9]{1,14}([+-][0-9]{4})?\)/') then make_timestamp(regexp_extract({{ text }}, '[0-9]+')::bigint * 1000)
            when regexp_full_match({{ text }}, '[0-9]{4}{{ iso_after_year() }}') then try_cast(upper({{ text }}) as timestamptz)::timestamp
        end
    {%- endset -%}
    case when {{ instant }} >= timestamp '2010-01-01' and {{ instant }} < timestamp '{{ until + 1 }}-01-01' then {{ instant }} end
{%- endmacro %}

{# A rate from either scale: percent points (Partner Center's files) or a share (the API's). Blank is no rate: 0. NULL from ±1000 % on. #}
{% macro rate_of(text) -%}
    {%- set rate = rounded_decimal(text, 9, 4) -%}
    case
        when coalesce({{ text }}, '') = '' then 0::decimal(5, 4)
        else try_cast({{ rate }} * case when {{ rate }} > 1 then 0.01 else 1.00 end as decimal(5, 4))
    end
{%- endmacro %}

{# The failure of one column: struct(column_name, reason), used as a branch of CASE.
   column: the vendor's name, '' for the row as a whole.  reason: plain text.  value: SQL text expression quoted behind the reason, or none. #}
{% macro failure(column, reason, value=none) -%}
    struct_pack(column_name := nullif('{{ column }}', ''), reason := '{{ reason }}'{% if value %} || ': «' || coalesce({{ value }}, '') || '»'{% endif %})
{%- endmacro %}

{# A scope id as scopes are compared (A1): clean, lower case, no trailing slash; the root stays `/`.  id: a SQL text expression. #}
{% macro scope_of(id) -%}
    coalesce(nullif(rtrim({{ id_of(id) }}, '/'), ''), '/')
{%- endmacro %}

{# The scope on which an assignment stands: the one that it names, unless that says nothing (invisible characters say nothing: they are not `/`), else
   cut from its own id.  id: SQL text, lower case.  collection: `provider/type`, lower case.  named: SQL text, or none. #}
{% macro scope_in(id, collection, named=none) -%}
    {{ scope_of("coalesce(" ~ (id_of(named) ~ ", " if named else "") ~ "regexp_replace(" ~ id ~ ", '/providers/" ~ collection ~ "/[^/]*$', ''))") }}
{%- endmacro %}

{# The subscription GUID of a scope or resource id in lower case; NULL for management groups and the root. #}
{% macro subscription_of(id) -%}
    nullif(regexp_extract({{ id }}, '^/subscriptions/([^/]+)', 1), '')
{%- endmacro %}

{# D3: the organisation of a partner id: the directory's, else one of its own. organisations: alias of int_partner_organisations, left joined. #}
{% macro organisation_of(partner_id, organisations) -%}
    coalesce({{ organisations }}.organisation_id, 'partner ' || {{ partner_id }})
{%- endmacro %}

{# Scalar query: the rank of an access stage. reached: as in the seed access_stages. #}
{% macro access_stage(reached) -%}
    (select s.access_stage from {{ ref('access_stages') }} as s where s.reached = '{{ reached }}')
{%- endmacro %}

{# A template with its placeholders, as in {scope}, replaced in one pass: text inside a value is never a placeholder. NULL for a NULL template.
   template: SQL text.  values: name -> SQL text; NULL is filled in as nothing. #}
{% macro filled(template, values) -%}
    split_part({{ template }}, '{', 1) || array_to_string(list_transform(string_split({{ template }}, '{')[2:], lambda part:
        coalesce(map_extract_value(
            map(['{{ values | join("', '") }}'], [{{ values.values() | join(', ') }}]), split_part(part, '}', 1)
        ), '') || substring(part, instr(part, '}') + 1)
    ), '')
{%- endmacro %}
