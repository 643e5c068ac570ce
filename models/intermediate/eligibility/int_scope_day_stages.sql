-- The highest access stage that any grant in force on a day reaches, before denies and whole-day coverage.
-- One row per decision scope, pair of organisations and day on which any grant is in force.
select
    days.decision_scope_id,
    days.transacting_organisation_id,
    days.reseller_organisation_id,
    days.usage_date,
    max(
        case
            when ladder.organisation_id in (days.transacting_organisation_id, days.reseller_organisation_id) then ladder.access_stage
            else {{ access_stage('any_grant') }}
        end
    ) as access_stage
from {{ ref('int_scope_partner_days') }} as days
inner join {{ ref('int_decision_scope_paths') }} as paths on days.decision_scope_id = paths.decision_scope_id
inner join {{ ref('int_access_stages') }} as ladder
    on
        paths.scope_id = ladder.scope_id
        and {{ from_or_ever('ladder.valid_from') }} < days.usage_date + interval 1 day
        and {{ to_or_ever('ladder.valid_to') }} > days.usage_date
        -- A deletion of what nothing ever showed is a grant without duration: it was in force at no time (A7).
        and {{ from_or_ever('ladder.valid_from') }} < {{ to_or_ever('ladder.valid_to') }}
group by days.decision_scope_id, days.transacting_organisation_id, days.reseller_organisation_id, days.usage_date
