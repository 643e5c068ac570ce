-- The days for which covered time is computed, in changed months. One row per decision scope, pair of organisations that can earn (D2) and day with
-- usage.
select distinct
    nodes.node_id,
    days.transacting_organisation_id,
    days.reseller_organisation_id,
    days.usage_date
from {{ ref('int_resource_days') }} as days
inner join {{ ref('int_resource_decision_scopes') }} as nodes on days.scope_key = nodes.scope_key
where {{ is_in_changed_month('days.billing_month') }}
