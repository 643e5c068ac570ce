-- The kinds of uncertainty of a day. One row per decision scope, pair of organisations and day that an uncertain period touches.
select
    days.node_id,
    days.transacting_organisation_id,
    days.reseller_organisation_id,
    days.usage_date,
    bool_or(doubts.organisation_id is null) as is_deny_in_doubt,
    bool_or(doubts.organisation_id is not null and doubts.doubt != 'before_evidence') as may_have_had_more,
    bool_or(doubts.organisation_id is not null and doubts.doubt = 'before_evidence') as may_have_had_less
from {{ ref('int_scope_partner_days') }} as days
inner join {{ ref('int_decision_scope_paths') }} as paths on days.node_id = paths.node_id
inner join {{ ref('int_scope_uncertain_periods') }} as doubts
    on
        paths.scope_id = doubts.scope_id
        and (
            doubts.organisation_id is null
            or doubts.organisation_id in (days.transacting_organisation_id, days.reseller_organisation_id)
        )
        and {{ from_or_ever('doubts.valid_from') }} < days.usage_date + interval 1 day
        and {{ to_or_ever('doubts.valid_to') }} > days.usage_date
group by days.node_id, days.transacting_organisation_id, days.reseller_organisation_id, days.usage_date
