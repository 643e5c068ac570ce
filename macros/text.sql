{# Casts of vendor text. Each returns NULL for text that it cannot read exactly; models turn that into a named failure. #}

{# The exact decimal of a text; NULL if the text is no number or has more digits than the type.
   (A plain cast rounds the digits that do not fit, in silence.)  text: a SQL text expression.  precision, scale: of the result.
   Trailing zeros do not count; an exponent (1.2E+4, 4.2E-05) reduces or increases the number of decimals. #}
{% macro exact_decimal(text, precision, scale) -%}
    case
        when regexp_full_match({{ text }}, '[+-]?[0-9]*\.?[0-9]{0,{{ scale }}}0*') then try_cast({{ text }} as decimal({{ precision }}, {{ scale }}))
        when
            regexp_full_match({{ text }}, '[+-]?[0-9]*\.?[0-9]*[eE][+-]?[0-9]{1,2}')
            and length(rtrim(regexp_extract({{ text }}, '\.([0-9]*)', 1), '0'))
            <= {{ scale }} + try_cast(regexp_extract({{ text }}, '[eE](.*)', 1) as integer)
            then try_cast({{ text }} as decimal({{ precision }}, {{ scale }}))
    end
{%- endmacro %}

{# A vendor's total as an amount, DECIMAL(38, 18), rounded half away from zero; NULL when the text is no number. Totals have up to 22 decimals and
   more. A cast divides a 128-bit number for each text with more decimals (2 µs a line), so the text is cut and the next digit decides the rounding.
   text: a SQL text expression. #}
{% macro amount_of(text) -%}
    case
        when length({{ text }}) - instr({{ text }}, '.') > 18 and regexp_full_match({{ text }}, '[+-]?[0-9]*\.[0-9]{19,}')
            then try_cast(left({{ text }}, instr({{ text }}, '.') + 18) as decimal(38, 18))
            + case
                when substring({{ text }}, instr({{ text }}, '.') + 19, 1) < '5' then 0
                when {{ text }} like '-%' then -0.000000000000000001::decimal(18, 18)
                else 0.000000000000000001::decimal(18, 18)
            end
        else try_cast({{ text }} as decimal(38, 18))
    end
{%- endmacro %}

{# A date in UTC from US (M/d/yyyy, with or without a 12-hour clock) or ISO text (with or without time and offset).
   Plain ISO dates are tested first: most exports use them, and a cast through an instant takes four times as long.
   text: a SQL text expression.  The session's time zone is UTC (profiles.yml). #}
{% macro utc_date(text) -%}
    case
        when regexp_full_match({{ text }}, '[0-9]{4}-[0-9]{2}-[0-9]{2}') then try_cast({{ text }} as date)
        when contains({{ text }}, '/')
            then coalesce(try_strptime({{ text }}, '%m/%d/%Y'), try_strptime({{ text }}, '%m/%d/%Y %I:%M:%S %p'), try_strptime({{ text }}, '%m/%d/%Y %H:%M:%S'))::date
        when regexp_full_match({{ text }}, '[0-9]{8}') then try_strptime({{ text }}, '%Y%m%d')::date
        else try_cast({{ text }} as timestamptz)::timestamp::date
    end
{%- endmacro %}

{# An instant in UTC, exact to the microsecond (further digits are cut, not rounded), from ISO 8601 text; a bare date is 00:00 UTC.
   text: a SQL text expression. #}
{% macro utc_instant(text) -%}
    try_cast({{ text }} as timestamptz)::timestamp
{%- endmacro %}

{# An instant of a JSON document, as utc_instant(), also in the spelling of Windows PowerShell: /Date(milliseconds since 1970)/.
   text: a SQL text expression, lower case. #}
{% macro evidence_instant(text) -%}
    case
        when regexp_full_match({{ text }}, '/date\([0-9]{1,14}([+-][0-9]{4})?\)/') then make_timestamp(regexp_extract({{ text }}, '[0-9]+')::bigint * 1000)
        else {{ utc_instant('upper(' ~ text ~ ')') }}
    end
{%- endmacro %}

{# A rate between 0 and 1 from either scale: percent points (Partner Center's files) or a share (the API's). Blank is no rate: 0. #}
{% macro rate_of(text) -%}
    case
        when coalesce({{ text }}, '') = '' then 0::decimal(5, 4)
        when try_cast({{ text }} as decimal(9, 4)) > 1 then (try_cast({{ text }} as decimal(9, 4)) * 0.01::decimal(2, 2))::decimal(5, 4)
        else try_cast({{ text }} as decimal(5, 4))
    end
{%- endmacro %}

{# Trimmed text; NULL if blank. #}
{% macro text_or_null(text) -%}
    nullif(trim({{ text }}), '')
{%- endmacro %}

{# An id for comparison: trimmed, lower case, NULL if blank. #}
{% macro id_of(text) -%}
    nullif(lower(trim({{ text }})), '')
{%- endmacro %}
{# The failure of one column: struct(column_name, reason), used as a branch of CASE.
   column: the vendor's name, '' for the row as a whole.  reason: plain text.  value: SQL text expression quoted behind the reason, or none. #}
{% macro failure(column, reason, value=none) -%}
    struct_pack(column_name := nullif('{{ column }}', ''), reason := '{{ reason }}'{% if value %} || ': «' || coalesce({{ value }}, '') || '»'{% endif %})
{%- endmacro %}

{# The last path segment of an Azure id: role definitions are compared by it, since their prefix varies (formats, A2). #}
{% macro last_segment(id) -%}
    regexp_extract({{ id }}, '[^/]+$')
{%- endmacro %}

{# A scope id as scopes are compared (A1): lower case, no trailing slash; the root stays `/`.  id: a SQL text expression. #}
{% macro scope_of(id) -%}
    coalesce(nullif(rtrim(lower(trim({{ id }})), '/'), ''), '/')
{%- endmacro %}

{# The scope on which an assignment stands, cut from the assignment's own id.
   id: SQL text, lower case.  collection: `provider/type` of the assignment, lower case. #}
{% macro scope_in(id, collection) -%}
    {{ scope_of("regexp_replace(" ~ id ~ ", '/providers/" ~ collection ~ "/[^/]*$', '')") }}
{%- endmacro %}

{# The subscription GUID of a scope or resource id in lower case; NULL for management groups and the root. #}
{% macro subscription_of(id) -%}
    nullif(regexp_extract({{ id }}, '^/subscriptions/([^/]+)', 1), '')
{%- endmacro %}

{# D3: the organisation of a partner id: from the directory, else an organisation of its own. organisations: alias of int_partner_organisations,
left joined. #}
{% macro organisation_of(partner_id, organisations) -%}
    coalesce({{ organisations }}.organisation_id, 'partner ' || {{ partner_id }})
{%- endmacro %}

{# Scalar query: the rank of an access stage. reached: as in the seed access_stages. #}
{% macro access_stage(reached) -%}
    (select s.access_stage from {{ ref('access_stages') }} as s where s.reached = '{{ reached }}')
{%- endmacro %}
