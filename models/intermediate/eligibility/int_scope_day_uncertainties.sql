-- The kinds of uncertainty of a day. One row per decision scope, pair of organisations and day that an uncertain period touches.
select
    days.decision_scope_id,
    days.transacting_organisation_id,
    days.reseller_organisation_id,
    days.usage_date,
    bool_or(uncertain_periods.organisation_id is null) as is_deny_uncertain,
    bool_or(uncertain_periods.organisation_id is not null and uncertain_periods.uncertainty != 'before_evidence') as may_have_had_more,
    bool_or(uncertain_periods.organisation_id is not null and uncertain_periods.uncertainty = 'before_evidence') as may_have_had_less
from {{ ref('int_scope_partner_days') }} as days
inner join {{ ref('int_decision_scope_paths') }} as paths on days.decision_scope_id = paths.decision_scope_id
inner join {{ ref('int_scope_uncertain_periods') }} as uncertain_periods
    on
        paths.scope_id = uncertain_periods.scope_id
        and (
            uncertain_periods.organisation_id is null
            or uncertain_periods.organisation_id in (days.transacting_organisation_id, days.reseller_organisation_id)
        )
        and {{ from_or_ever('uncertain_periods.valid_from') }} < days.usage_date + interval 1 day
        and {{ to_or_ever('uncertain_periods.valid_to') }} > days.usage_date
group by days.decision_scope_id, days.transacting_organisation_id, days.reseller_organisation_id, days.usage_date
