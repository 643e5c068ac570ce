-- The days for which covered time is computed, in changed months. One row per decision scope, pair of organisations that can earn (D2) and day with
-- usage.
select distinct
    decision_scopes.decision_scope_id,
    days.transacting_organisation_id,
    days.reseller_organisation_id,
    days.usage_date
from {{ ref('int_resource_days') }} as days
inner join {{ ref('int_resource_decision_scopes') }} as decision_scopes on days.scope_key = decision_scopes.scope_key
where {{ is_in_changed_month('days.billing_month') }}
