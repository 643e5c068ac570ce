select
    days.usage_date,
    resources.subscription_id,
    resources.resource_group_name,
    resources.resource_id,
    resources.transacting_partner_id,
    days.reseller_partner_id,
    days.covered_seconds,
    days.is_access_eligible,
    days.covering_access_path,
    days.covering_scope_level,
    days.access_reason,
    days.evidence_strength
from {{ ref('int_eligibility_days') }} as days
-- Names are stored once per resource, not once per day.
inner join {{ ref('stg_partner_center__usage_resources') }} as resources on days.resource_key = resources.resource_key
