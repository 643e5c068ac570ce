{#
    Intervals of access are half-open, [valid_from, valid_to), in UTC; an open end is NULL. These macros are the one place that knows.
#}

{# The begin of an interval as a comparable instant. #}
{% macro from_or_ever(instant) -%}
    coalesce({{ instant }}, '-infinity'::timestamp)
{%- endmacro %}

{# The end of an interval as a comparable instant. #}
{% macro to_or_ever(instant) -%}
    coalesce({{ instant }}, 'infinity'::timestamp)
{%- endmacro %}

{# The later of two begins, NULL when both are open. #}
{% macro later_begin(a, b) -%}
    nullif(greatest({{ from_or_ever(a) }}, {{ from_or_ever(b) }}), '-infinity'::timestamp)
{%- endmacro %}

{# The earlier of two ends, NULL when both are open. #}
{% macro earlier_end(a, b) -%}
    nullif(least({{ to_or_ever(a) }}, {{ to_or_ever(b) }}), 'infinity'::timestamp)
{%- endmacro %}

{# Whether the intervals of two relations with valid_from and valid_to have an instant in common; touching ones have none. #}
{% macro overlaps(a, b) -%}
    {{ from_or_ever(a ~ '.valid_from') }} < {{ to_or_ever(b ~ '.valid_to') }}
    and {{ from_or_ever(b ~ '.valid_from') }} < {{ to_or_ever(a ~ '.valid_to') }}
    and {{ from_or_ever(a ~ '.valid_from') }} < {{ to_or_ever(a ~ '.valid_to') }}
    and {{ from_or_ever(b ~ '.valid_from') }} < {{ to_or_ever(b ~ '.valid_to') }}
{%- endmacro %}

{#
    The facts of a deny assignment that decide whom it hits and where, as JSON.

    properties: SQL, JSON in lower case with the vendor's keys.  scope: SQL text, the scope it stands on.
    A5 (Decision): only a deny of control-plane actions counts; the all-zero id means everyone.
#}
{% macro deny_facts(properties, scope) -%}
    to_json(
        struct_pack(
            scope_id := {{ scope }},
            is_for_exact_scope := coalesce(({{ properties }} ->> '$.donotapplytochildscopes')::boolean, false),
            denies_control_plane := coalesce(len(json_extract({{ properties }}, '$.permissions[*].actions[*]')) > 0, false),
            principal_ids := json_extract_string({{ properties }}, '$.principals[*].id'),
            excluded_ids := json_extract_string({{ properties }}, '$.excludeprincipals[*].id')
        )
    )
{%- endmacro %}

{#
    The authorizations of a Lighthouse definition as a list of JSON objects with principalid, roledefinitionid and is_eligible_only (A4).

    properties: SQL, JSON in lower case with the vendor's keys.
#}
{% macro authorizations(properties) -%}
    list_concat(
        list_transform(
            coalesce(from_json(json_extract({{ properties }}, '$.authorizations'), '["JSON"]'), []::json[]),
            lambda a: json_merge_patch(a, '{"is_eligible_only": false}')
        ),
        list_transform(
            coalesce(from_json(json_extract({{ properties }}, '$.eligibleauthorizations'), '["JSON"]'), []::json[]),
            lambda a: json_merge_patch(a, '{"is_eligible_only": true}')
        )
    )
{%- endmacro %}

{# The level of a scope below management groups: subscription, resource_group or resource (A6). scope: SQL text, lower case. #}
{% macro scope_level(scope) -%}
    case
        when regexp_full_match({{ scope }}, '/subscriptions/[^/]+') then 'subscription'
        when regexp_full_match({{ scope }}, '/subscriptions/[^/]+/resourcegroups/[^/]+') then 'resource_group'
        else 'resource'
    end
{%- endmacro %}
