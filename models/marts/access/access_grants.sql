-- A3: which organisation a grant belongs to, and how far it gets; A5: which deny takes it away. What a day is decided from, scope by scope: the
-- covered seconds of a resource's day follow from the rows at and above it (pec explain computes them so).
with grants as (
    select * from {{ ref('int_access_grants') }}
),

stages as (
    select * from {{ ref('access_stages') }}
),

-- D3: the partners that are one organisation.
organisations as (
    select
        organisation_id,
        string_agg(partner_id, ', ' order by partner_id) as owner_partner_ids
    from {{ ref('int_partner_organisations') }}
    group by organisation_id
),

principals as (
    select * from {{ ref('int_principal_names') }}
),

roles as (
    select * from {{ ref('int_role_names') }}
),

reached as (
    select
        'grant' as effect,
        grant_id,
        organisation_id,
        identity_id,
        access_stage,
        scope_id,
        null::varchar as deny_assignment_id,
        false as is_for_exact_scope,
        valid_from,
        valid_to
    from {{ ref('int_access_stages') }}
    union all
    -- Grants of principals that no file of the directory connects with a partner: the customer's own, or a link that is lacking.
    select
        'grant',
        grants.grant_id,
        null,
        null,
        {{ access_stage('nothing') }},
        grants.scope_id,
        null,
        false,
        grants.valid_from,
        grants.valid_to
    from grants
    left join {{ ref('int_access_grant_owners') }} as owners on grants.grant_id = owners.grant_id
    where owners.grant_id is null
    union
    -- Not all: a deny may apply for several reasons at the same time.
    select
        'deny',
        intervals.grant_id,
        intervals.organisation_id,
        intervals.identity_id,
        {{ access_stage('permanent') }},
        spans.scope_id,
        denies.deny_assignment_id,
        spans.is_for_exact_scope,
        spans.valid_from,
        spans.valid_to
    from {{ ref('int_deny_spans') }} as spans
    inner join {{ ref('int_deny_assignments') }} as denies on spans.deny_id = denies.deny_id
    inner join {{ ref('int_qualifying_access_intervals') }} as intervals on spans.interval_id = intervals.interval_id
    where intervals.is_permanent
)

select
    reached.effect,
    grants.grant_id,
    {{ subscription_of('reached.scope_id') }} as subscription_id,
    reached.scope_id,
    grants.scope_level,
    reached.is_for_exact_scope,
    grants.access_path,
    grants.item_kind,
    grants.item_id,
    reached.deny_assignment_id,

    grants.principal_id,
    principals.principal_name,
    reached.identity_id,
    members.principal_name as identity_name,
    grants.role_definition_id,
    roles.role_name,
    case
        when reached.organisation_id is null then 'nobody_known'
        when reached.organisation_id = 'unknown' then 'unknown_partner'
        else 'partner'
    end as owner_kind,
    organisations.owner_partner_ids,

    reached.access_stage,
    stages.reached,
    case when reached.effect = 'deny' or stages.reached != 'permanent' then stages.access_reason end as access_reason,
    case when reached.effect = 'deny' or stages.reached != 'permanent' then stages.repair end as repair,

    reached.valid_from,
    reached.valid_to,
    grants.valid_from as granted_from,
    grants.valid_to as granted_to,
    grants.begin_evidence,
    grants.end_evidence,
    grants.source_file
from reached
inner join grants on reached.grant_id = grants.grant_id
inner join stages on reached.access_stage = stages.access_stage
left join organisations on reached.organisation_id = organisations.organisation_id
left join principals on grants.principal_id = principals.principal_id
left join principals as members on reached.identity_id = members.principal_id
left join roles on grants.role_definition_id = roles.role_definition_id
