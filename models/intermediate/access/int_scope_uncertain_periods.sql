-- Uncertain periods: access (or a deny) may or may not have existed, because a boundary is inferred (A7): between the last snapshot without an item
-- and the first with it, and between the last with it and the first without. A decision that depends on where the boundary is within that period is
-- `inferred`. What an event deleted and nobody saw begin may have existed since the last list without it.
-- One row per scope, organisation (NULL: a deny) and uncertain period.
with snapshots as (
    select distinct
        item_kind,
        subscription_id,
        snapshot_at
    from {{ ref('int_access_snapshots') }}
    where is_complete
),

eligible_roles as (
    select role_definition_id
    from {{ ref('azure_role_pec_eligibility') }}
    where is_pec_eligible
),

items as (
    select
        grants.item_kind,
        grants.snapshot_subscription_id,
        grants.scope_id,
        owners.organisation_id,
        grants.begin_evidence,
        grants.end_evidence,
        grants.first_at,
        grants.last_standing_at,
        grants.missing_at
    from {{ ref('int_access_grants') }} as grants
    inner join {{ ref('int_access_grant_owners') }} as owners on grants.grant_id = owners.grant_id
    where
        not grants.is_eligible_only
        and (
            grants.grant_id in (select grant_id from {{ ref('int_access_role_spans') }})
            or (
                grants.begin_evidence = 'unseen'
                and grants.role_definition_id in (select role_definition_id from eligible_roles)
            )
        )
    union all
    select
        'deny_assignment',
        snapshot_subscription_id,
        scope_id,
        null,
        begin_evidence,
        end_evidence,
        first_at,
        last_standing_at,
        missing_at
    from {{ ref('int_deny_assignments') }}
),

begins as (
    select
        items.scope_id,
        items.organisation_id,
        items.begin_evidence,
        max(snapshots.snapshot_at) as valid_from,
        items.first_at as valid_to
    from items
    left join snapshots
        on
            items.item_kind = snapshots.item_kind
            and items.snapshot_subscription_id = snapshots.subscription_id
            and items.first_at > snapshots.snapshot_at
    where items.begin_evidence in ('first_seen', 'before_evidence', 'unseen')
    group by items.scope_id, items.organisation_id, items.begin_evidence, items.first_at
)

select
    scope_id,
    organisation_id,
    begin_evidence as uncertainty,
    valid_from,
    valid_to
from begins
union
select
    scope_id,
    organisation_id,
    'vanished',
    last_standing_at,
    missing_at
from items
where end_evidence = 'vanished'
