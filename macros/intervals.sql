{# Access intervals are half-open, [valid_from, valid_to), in UTC; an open end is NULL. Only these macros handle that NULL. First: begin and end as
   comparable instants. #}
{% macro from_or_ever(instant) -%}
    coalesce({{ instant }}, '-infinity'::timestamp)
{%- endmacro %}

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
            {% for name, member in [('principal_ids', 'principals'), ('excluded_ids', 'excludeprincipals')] %}
                {{ name }} := list_sort(list_concat(
                    json_extract_string({{ properties }}, '$.{{ member }}[*].id'), json_extract_string({{ properties }}, '$.{{ member }}[*].objectid')
                )){{ ',' if not loop.last }}
            {% endfor %}
        )
    )
{%- endmacro %}

{# A5: whether each element of a list of a deny can be read: a principal gives an id, a permission is an object whose actions are a list, if it has any.
   One that cannot be read could be anybody, or deny anything. NULL if it is no list.  properties: as above.  member: the key of the list. #}
{% macro is_readable_list(properties, member) -%}
    {%- set no_id = 'coalesce(' ~ texts_of('part', ['id', 'objectid']) ~ ') is null' -%}
    {%- set no_actions = "coalesce(json_type(part), '') != 'OBJECT' or coalesce(json_type(part, '$.actions'), 'NULL') not in ('ARRAY', 'NULL')" -%}
    case when json_type({{ properties }}, '$.{{ member }}') = 'ARRAY' then len(list_filter(
        from_json(json_extract({{ properties }}, '$.{{ member }}'), '["JSON"]'), lambda part: {{ no_actions if member == 'permissions' else no_id }}
    )) = 0 end
{%- endmacro %}

{# The authorizations of a Lighthouse definition, a list of JSON objects with principalid, roledefinitionid, is_eligible_only (A4).  properties: as above. #}
{% macro authorizations(properties) -%}
    list_concat(
        {% for member, is_eligible_only in [('authorizations', 'false'), ('eligibleauthorizations', 'true')] %}
            list_transform(
                coalesce(from_json(json_extract({{ properties }}, '$.{{ member }}'), '["JSON"]'), []::json[]),
                lambda a: json_merge_patch(a, '{"is_eligible_only": {{ is_eligible_only }}}')
            ){{ ',' if not loop.last }}
        {% endfor %}
    )
{%- endmacro %}

{# A6 (Decision): the microseconds that make a day whole: those of 24 hours (D1), less the tolerated gap (access_gap_tolerance_seconds). #}
{% macro whole_day() -%}
    86400000000 - {{ var('access_gap_tolerance_seconds') }} * 1000000::bigint
{%- endmacro %}

{# Two CTEs, `cuts` and `remainders`: intervals minus other intervals.
   wholes, holes: names of CTEs with valid_from, valid_to and the key; every whole has a key of its own, holes of one key may overlap.
   `remainders` has the key, valid_from and valid_to: disjoint and not empty; a whole that is completely cut out has no row. #}
{% macro remainders(wholes, holes, key) -%}
    cuts as (
        select
            wholes.{{ key }},
            {{ from_or_ever('wholes.valid_from') }} as whole_from,
            greatest({{ from_or_ever('holes.valid_from') }}, {{ from_or_ever('wholes.valid_from') }}) as cut_from,
            least({{ to_or_ever('holes.valid_to') }}, {{ to_or_ever('wholes.valid_to') }}) as cut_to
        from {{ wholes }} as wholes
        join {{ holes }} as holes on wholes.{{ key }} = holes.{{ key }}
        where {{ overlaps('wholes', 'holes') }}
        union all
        -- The end of each whole is an empty cut: then all that remains lies before a cut.
        select {{ key }}, {{ from_or_ever('valid_from') }}, {{ to_or_ever('valid_to') }}, {{ to_or_ever('valid_to') }} from {{ wholes }}
    ),

    remainders as (
        select
            {{ key }},
            nullif(coalesce(max(cut_to) over earlier, whole_from), '-infinity'::timestamp) as valid_from,
            nullif(cut_from, 'infinity'::timestamp) as valid_to
        from cuts
        window earlier as (partition by {{ key }} order by cut_from, cut_to rows between unbounded preceding and 1 preceding)
        qualify coalesce(max(cut_to) over earlier, whole_from) < cut_from
    )
{%- endmacro %}

{# The scope itself and every scope above it down from its subscription, as a list of ids (A1: whole path segments, so that `vm1` never
   covers `vm10`). An id of more than 60 segments is none of Azure's: of it the first 60 and itself. scope: SQL text, as scope_of() leaves it. #}
{% macro scope_prefixes(scope) -%}
    list_distinct(list_append(list_transform(
        range(3, least(len(string_split({{ scope }}, '/')), 60) + 1), lambda depth: array_to_string(string_split({{ scope }}, '/')[1:depth], '/')
    ), case when len(string_split({{ scope }}, '/')) >= 3 then {{ scope }} end))
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
