-- The reason of each gap: the highest access stage that any grant in force during it reaches, and whether access may have begun before the evidence:
-- it was deleted, and nobody saw it begin (A7). Of an open gap also the stage that is reached today, and the grant that reaches it: what was there
-- for a time is no place to repair. One row per gap.
with joined as (
    select
        gaps.resource_partner_key,
        gaps.valid_from,
        ladder.grant_id,
        case
            when ladder.scope_id is null then {{ access_stage('nothing') }}
            when ladder.organisation_id in (spans.transacting_organisation_id, spans.reseller_organisation_id) then ladder.access_stage
            else {{ access_stage('any_grant') }}
        end as access_stage,
        spans.valid_to is null
        and {{ from_or_ever('ladder.valid_from') }} < as_of.as_of_date + interval 1 day
        and {{ to_or_ever('ladder.valid_to') }} >= as_of.as_of_date + interval 1 day as is_today,
        unseen.scope_id is not null as is_begun_unseen
    from {{ ref('int_access_gaps') }} as gaps
    cross join {{ ref('int_as_of_date') }} as as_of
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
)

select
    resource_partner_key,
    valid_from,
    max(access_stage) as access_stage,
    bool_or(is_begun_unseen) as is_begun_unseen,
    coalesce(max(access_stage) filter (where is_today), {{ access_stage('nothing') }}) as access_stage_today,
    -- A total order: of grants that reach as far, the greatest id.
    arg_max(grant_id, struct_pack(access_stage, grant_id)) filter (where is_today) as grant_id_today
from joined
group by resource_partner_key, valid_from
