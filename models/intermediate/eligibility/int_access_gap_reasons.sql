-- The reason of each gap: the highest access stage that any grant in force during it reaches, and whether access may have begun before the evidence:
-- it was deleted, and nobody saw it begin (A7). One row per gap.
select
    gaps.resource_partner_key,
    gaps.valid_from,
    coalesce(
        max(
            case
                when ladder.scope_id is null then {{ access_stage('nothing') }}
                when ladder.organisation_id in (spans.transacting_organisation_id, spans.reseller_organisation_id) then ladder.access_stage
                else {{ access_stage('any_grant') }}
            end
        ), {{ access_stage('nothing') }}
    ) as access_stage,
    bool_or(unseen.scope_id is not null) as is_begun_unseen
from {{ ref('int_access_gaps') }} as gaps
left join {{ ref('int_resource_partner_spans') }} as spans
    on
        gaps.resource_partner_key = spans.resource_partner_key
        and {{ overlaps('gaps', 'spans') }}
left join {{ ref('int_resource_decision_scopes') }} as decision_scopes on spans.scope_key = decision_scopes.scope_key
left join {{ ref('int_decision_scope_paths') }} as paths on decision_scopes.decision_scope_id = paths.decision_scope_id
left join {{ ref('int_access_stages') }} as ladder
    on
        paths.scope_id = ladder.scope_id
        and {{ overlaps('gaps', 'ladder') }}
        and {{ overlaps('spans', 'ladder') }}
left join {{ ref('int_scope_uncertain_periods') }} as unseen
    on
        unseen.uncertainty = 'unseen'
        and paths.scope_id = unseen.scope_id
        and unseen.organisation_id in (spans.transacting_organisation_id, spans.reseller_organisation_id)
        and {{ overlaps('gaps', 'unseen') }}
        and {{ overlaps('spans', 'unseen') }}
group by gaps.resource_partner_key, gaps.valid_from
