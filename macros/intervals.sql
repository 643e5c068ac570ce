{# Access intervals are half-open, [valid_from, valid_to), in UTC; an open end is NULL. Only these macros handle that NULL. #}

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

{# Whether two intervals share an instant; intervals that only touch do not. #}
{% macro overlaps(a, b) -%}
    {{ from_or_ever(a ~ '.valid_from') }} < {{ to_or_ever(b ~ '.valid_to') }}
    and {{ from_or_ever(b ~ '.valid_from') }} < {{ to_or_ever(a ~ '.valid_to') }}
    and {{ from_or_ever(a ~ '.valid_from') }} < {{ to_or_ever(a ~ '.valid_to') }}
    and {{ from_or_ever(b ~ '.valid_from') }} < {{ to_or_ever(b ~ '.valid_to') }}
{%- endmacro %}

{# JSON: whom a deny assignment applies to, and where. PowerShell lifts the actions and says objectId for id.
   properties: SQL, JSON in lower case with the vendor's keys.  scope: SQL text, the scope it stands on.
   A5 (Decision): only a deny of control-plane actions counts; the all-zero id means everyone. #}
{% macro deny_facts(properties, scope) -%}
    to_json(
        struct_pack(
            scope_id := {{ scope }},
            is_for_exact_scope := coalesce(try_cast({{ properties }} ->> '$.donotapplytochildscopes' as boolean), false),
            denies_control_plane
            := coalesce(len(list_concat(json_extract({{ properties }}, '$.permissions[*].actions[*]'), json_extract({{ properties }}, '$.actions[*]'))) > 0, false),
            principal_ids
            := list_concat(json_extract_string({{ properties }}, '$.principals[*].id'), json_extract_string({{ properties }}, '$.principals[*].objectid')),
            excluded_ids := list_concat(
                json_extract_string({{ properties }}, '$.excludeprincipals[*].id'), json_extract_string({{ properties }}, '$.excludeprincipals[*].objectid')
            )
        )
    )
{%- endmacro %}

{# The authorizations of a Lighthouse definition as a list of JSON objects with principalid, roledefinitionid and is_eligible_only (A4).
   properties: SQL, JSON in lower case with the vendor's keys. #}
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

{# A6 (Decision): the microseconds that make a day whole: all of them, less the tolerated gap (access_gap_tolerance_seconds, 0 by default). #}
{% macro whole_day() -%}
    {{ microseconds_per_day() }} - {{ var('access_gap_tolerance_seconds') }} * 1000000::bigint
{%- endmacro %}

{# Two CTEs, `holes_in_order` and `remainders`: intervals minus other intervals.
   wholes, holes: names of CTEs with valid_from, valid_to and the key; every whole has a key of its own, holes of one key may overlap.
   `remainders` has the key, valid_from and valid_to: disjoint and not empty; a whole that is completely cut out has no row. #}
{% macro remainders(wholes, holes, key) -%}
    holes_in_order as (
        select
            wholes.{{ key }},
            greatest({{ from_or_ever('holes.valid_from') }}, {{ from_or_ever('wholes.valid_from') }}) as hole_from,
            least({{ to_or_ever('holes.valid_to') }}, {{ to_or_ever('wholes.valid_to') }}) as hole_to,
            {{ from_or_ever('wholes.valid_from') }} as whole_from,
            {{ to_or_ever('wholes.valid_to') }} as whole_to,
            max(hole_to) over (
                partition by wholes.{{ key }} order by hole_from, hole_to rows between unbounded preceding and 1 preceding
            ) as cut_until
        from {{ wholes }} as wholes
        join {{ holes }} as holes on wholes.{{ key }} = holes.{{ key }}
        where {{ overlaps('wholes', 'holes') }}
    ),

    remainders as (
        select
            {{ key }},
            nullif(left_from, '-infinity'::timestamp) as valid_from,
            nullif(left_to, 'infinity'::timestamp) as valid_to
        from (
            select {{ key }}, coalesce(cut_until, whole_from) as left_from, hole_from as left_to from holes_in_order
            union all
            select {{ key }}, max(hole_to), any_value(whole_to) from holes_in_order group by {{ key }}
            union all
            select {{ key }}, {{ from_or_ever('valid_from') }}, {{ to_or_ever('valid_to') }}
            from {{ wholes }}
            where {{ key }} not in (select {{ key }} from holes_in_order)
        )
        where left_from < left_to
    )
{%- endmacro %}

{# The scope itself and every scope above it down from its subscription, as a list of ids (A1: whole path segments, so that `vm1` never
   covers `vm10`). An id of more than 60 segments is none of Azure's: of it the first 60 and itself. scope: SQL text, as scope_of() leaves it. #}
{% macro scope_prefixes(scope) -%}
    list_distinct(list_append(list_transform(
        range(3, least(len(string_split({{ scope }}, '/')), 60) + 1), lambda depth: array_to_string(string_split({{ scope }}, '/')[1:depth], '/')
    ), case when len(string_split({{ scope }}, '/')) >= 3 then {{ scope }} end))
{%- endmacro %}

{# A UTC day has no leap second here: 24 hours (D1). #}
{% macro microseconds_per_day() -%}
    86400000000
{%- endmacro %}

{# Microseconds of the clipped interval [clipped_from, clipped_to) after the latest end of all earlier intervals. The sum over intervals in order of
their begin is the length of their union (A6). reach: SQL, the latest end of the earlier intervals, NULL for the first. #}
{% macro microseconds_beyond(reach) -%}
    greatest(0, epoch_us(clipped_to) - epoch_us(greatest(clipped_from, coalesce({{ reach }}, clipped_from))))
{%- endmacro %}

{# Whether a dated row (valid_from, valid_to: dates, half-open, NULL is open) is in force on a day. spans: alias.  day: SQL DATE. #}
{% macro is_in_force(spans, day) -%}
    coalesce({{ spans }}.valid_from <= {{ day }}, true) and coalesce({{ day }} < {{ spans }}.valid_to, true)
{%- endmacro %}
