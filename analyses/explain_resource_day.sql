-- Explain one resource-day: which grants, ours or not, denied or not, cover which part of it, and how far each gets on the ladder of reasons.
-- In one command, without the working file: pec explain vm-erp-01 2026-08-19. Here:
-- dbt show --inline "$(cat analyses/explain_resource_day.sql)" --limit 100
-- --vars '{usage_date: 2026-08-19, resource_id_ends_with: /vm-erp-01, transacting_partner_id: "6011111"}'
{% set usage_date = var('usage_date', '2026-08-19') %}
{% set resource_id_ends_with = var('resource_id_ends_with', '/vm-erp-01') %}
{% set transacting_partner_id = var('transacting_partner_id', '6011111') %}

with resource_day as (
    select
        days.*,
        decision_scopes.decision_scope_id,
        facts.covered_seconds,
        facts.access_reason,
        facts.evidence_strength
    from {{ ref('int_resource_days') }} as days
    inner join {{ ref('int_eligibility_days') }} as facts
        on days.usage_date = facts.usage_date and days.resource_partner_key = facts.resource_partner_key
    inner join {{ ref('stg_partner_center__usage_resources') }} as resources on days.resource_key = resources.resource_key
    left join {{ ref('int_resource_decision_scopes') }} as decision_scopes on days.scope_key = decision_scopes.scope_key
    where
        days.usage_date = date '{{ usage_date }}'
        and days.transacting_partner_id = '{{ transacting_partner_id }}'
        and ends_with(resources.resource_id, '{{ resource_id_ends_with }}')
),

grants_on_path as (
    select
        resource_day.decision_scope_id,
        resource_day.usage_date,
        resource_day.transacting_organisation_id,
        resource_day.reseller_organisation_id,
        resource_day.covered_seconds,
        resource_day.access_reason,
        resource_day.evidence_strength,
        grants.*
    from resource_day
    inner join {{ ref('int_decision_scope_paths') }} as paths on resource_day.decision_scope_id = paths.decision_scope_id
    inner join {{ ref('int_access_grants') }} as grants
        on
            paths.scope_id = grants.scope_id
            and {{ from_or_ever('grants.valid_from') }} < resource_day.usage_date + interval 1 day
            and {{ to_or_ever('grants.valid_to') }} > resource_day.usage_date
),

owners as (
    select
        grant_id,
        string_agg(organisation_id, ', ' order by organisation_id) as owned_by
    from {{ ref('int_access_grant_owners') }}
    group by grant_id
)

select
    grants_on_path.access_path,
    grants_on_path.scope_level,
    grants_on_path.scope_id,
    grants_on_path.item_id,
    grants_on_path.principal_id,
    roles.role_name,
    coalesce(roles.is_pec_eligible, false) as is_role_eligible,
    owners.owned_by,
    grants_on_path.valid_from as granted_from,
    grants_on_path.valid_to as granted_to,
    grants_on_path.begin_evidence,
    grants_on_path.end_evidence,
    intervals.identity_id as linked_identity_id,
    intervals.valid_from as counts_from,
    intervals.valid_to as counts_to,
    clipped_intervals.valid_from as undenied_from,
    clipped_intervals.valid_to as undenied_to,
    case
        when owners.owned_by is null then 'nobody known'
        when not coalesce(roles.is_pec_eligible, false) then 'ineligible_role, if ours'
        when intervals.interval_id is null then 'not_linked, if ours'
        when not intervals.is_permanent then 'not_permanent'
        when clipped_intervals.interval_id is null then 'denied'
        else 'counts for ' || intervals.organisation_id
    end as outcome,
    grants_on_path.covered_seconds as day_covered_seconds,
    grants_on_path.access_reason as day_access_reason,
    grants_on_path.evidence_strength as day_evidence_strength
from grants_on_path
left join owners on grants_on_path.grant_id = owners.grant_id
left join {{ ref('azure_role_pec_eligibility') }} as roles on grants_on_path.role_definition_id = roles.role_definition_id
left join {{ ref('int_qualifying_access_intervals') }} as intervals
    on
        grants_on_path.grant_id = intervals.grant_id
        and {{ from_or_ever('intervals.valid_from') }} < grants_on_path.usage_date + interval 1 day
        and {{ to_or_ever('intervals.valid_to') }} > grants_on_path.usage_date
left join {{ ref('int_scope_access_intervals') }} as clipped_intervals
    on
        intervals.interval_id = clipped_intervals.interval_id
        and grants_on_path.decision_scope_id = clipped_intervals.decision_scope_id
        and {{ from_or_ever('clipped_intervals.valid_from') }} < grants_on_path.usage_date + interval 1 day
        and {{ to_or_ever('clipped_intervals.valid_to') }} > grants_on_path.usage_date
order by grants_on_path.scope_level, grants_on_path.item_id, counts_from, undenied_from
