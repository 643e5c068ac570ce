-- Who is in a group, through groups in it as well, and when: a membership through others holds while all of them do (A4).
-- One row per group, member, and chain of memberships; at most ten deep, so that groups in a circle end.
with members as (
    select * from {{ directory_records('group_members', 'group_object_id, member_principal_id, valid_from, valid_to') }}
),

depth_1 as (
    select
        group_object_id,
        member_principal_id,
        valid_from,
        valid_to
    from members
){% for depth in range(2, 11) %},

-- Distinct: of groups in a circle each membership counts once at each depth, else their number grows tenfold with it.
depth_{{ depth }} as (
    select distinct
        memberships.group_object_id,
        inner_members.member_principal_id,
        {{ later_begin('memberships.valid_from', 'inner_members.valid_from') }} as valid_from,
        {{ earlier_end('memberships.valid_to', 'inner_members.valid_to') }} as valid_to
    from depth_{{ depth - 1 }} as memberships
    inner join members as inner_members
        on memberships.member_principal_id = inner_members.group_object_id and {{ overlaps('memberships', 'inner_members') }}
){% endfor %}

{% for depth in range(1, 11) -%}
    {{ 'union' if not loop.first }} select * from depth_{{ depth }}
{% endfor %}
