-- When a deny assignment applies to the identity of an access interval (A5), on any scope.
-- One row per interval, deny existence period, reason why the deny applies, and period.
with denies as (
    select * from {{ ref('int_deny_assignments') }}
),

intervals as (
    select * from {{ ref('int_qualifying_access_intervals') }}
),

pairs as (
    select
        intervals.interval_id,
        denies.deny_id,
        denies.principal_ids,
        denies.excluded_ids,
        [intervals.principal_id, intervals.identity_id] as identity_ids,
        {{ later_begin('intervals.valid_from', 'denies.valid_from') }} as valid_from,
        {{ earlier_end('intervals.valid_to', 'denies.valid_to') }} as valid_to
    from intervals
    inner join denies on intervals.subscription_id = denies.subscription_id and {{ overlaps('intervals', 'denies') }}
),

members as (
    select * from {{ ref('int_group_identities') }}
),

applying as (
    select
        interval_id,
        deny_id,
        '' as through,
        valid_from,
        valid_to
    from pairs
    where list_has_any(principal_ids, identity_ids) or list_contains(principal_ids, '00000000-0000-0000-0000-000000000000')
    union all
    select
        pairs.interval_id,
        pairs.deny_id,
        concat_ws('|', members.group_object_id, members.member_principal_id, members.valid_from, members.valid_to),
        {{ later_begin('pairs.valid_from', 'members.valid_from') }},
        {{ earlier_end('pairs.valid_to', 'members.valid_to') }}
    from pairs
    inner join members
        on
            list_contains(pairs.identity_ids, members.member_principal_id)
            and list_contains(pairs.principal_ids, members.group_object_id)
            and {{ overlaps('pairs', 'members') }}
),

excluded as (
    select
        interval_id,
        deny_id,
        null::timestamp as valid_from,
        null::timestamp as valid_to
    from pairs
    where list_has_any(excluded_ids, identity_ids)
    union all
    select
        pairs.interval_id,
        pairs.deny_id,
        members.valid_from,
        members.valid_to
    from pairs
    inner join members
        on
            list_contains(pairs.identity_ids, members.member_principal_id)
            and list_contains(pairs.excluded_ids, members.group_object_id)
),

wholes as (
    select
        *,
        concat_ws('|', interval_id, deny_id, through) as whole_id
    from applying
),

holes as (
    select
        wholes.whole_id,
        excluded.valid_from,
        excluded.valid_to
    from wholes
    inner join excluded on wholes.interval_id = excluded.interval_id and wholes.deny_id = excluded.deny_id
),

{{ remainders('wholes', 'holes', 'whole_id') }}

select
    wholes.interval_id,
    wholes.deny_id,
    denies.scope_id,
    denies.is_for_exact_scope,
    remainders.valid_from,
    remainders.valid_to
from remainders
inner join wholes on remainders.whole_id = wholes.whole_id
inner join denies on wholes.deny_id = denies.deny_id
