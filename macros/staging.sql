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
