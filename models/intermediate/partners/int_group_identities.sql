-- Who is in a group, through groups in it as well, and when: a membership through others holds while all of them do (A4).
-- One row per group, member, and chain of memberships; at most ten deep, so that groups in a circle end.
with recursive members as (
    select * from {{ directory_records('group_members', 'group_object_id, member_principal_id, valid_from, valid_to') }}
),

memberships as (
    select
        group_object_id,
        member_principal_id,
        valid_from,
        valid_to,
        1 as depth
    from members
    -- Not all: of groups in a circle each membership counts once at each depth, else their number grows tenfold with it.
    union
    select
        memberships.group_object_id,
        inner_members.member_principal_id,
        {{ later_begin('memberships.valid_from', 'inner_members.valid_from') }},
        {{ earlier_end('memberships.valid_to', 'inner_members.valid_to') }},
        memberships.depth + 1
    from memberships
    inner join members as inner_members
        on memberships.member_principal_id = inner_members.group_object_id and {{ overlaps('memberships', 'inner_members') }}
    where memberships.depth < 10
)

select distinct
    group_object_id,
    member_principal_id,
    valid_from,
    valid_to
from memberships
