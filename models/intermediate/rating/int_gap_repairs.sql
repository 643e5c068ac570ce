-- Each gap, and each loss for want of an agreement, with the one change that would repair it and what is lost today (pec_repairs).
-- One row per gap, and per transacting partner and resource that lost credit in no gap.
with losses as (
    select * from {{ ref('int_access_gap_losses') }}
),

gaps as (
    select
        gaps.resource_partner_key,
        gaps.valid_from,
        gaps.valid_to,
        reasons.access_stage,
        reasons.is_begun_unseen,
        reasons.access_stage_today,
        reasons.grant_id_today,
        coalesce(losses.lost_days, 0) as lost_days,
        losses.first_lost_date,
        losses.last_lost_date,
        coalesce(losses.lost_credit_usd, 0)::decimal(38, 18) as lost_credit_usd,
        coalesce(losses.recent_lost_credit_usd, 0)::decimal(38, 18) as recent_lost_credit_usd,
        coalesce(losses.lacks_agreement, false) as lacks_agreement
    from {{ ref('int_access_gaps') }} as gaps
    inner join {{ ref('int_access_gap_reasons') }} as reasons
        on gaps.resource_partner_key = reasons.resource_partner_key and gaps.valid_from = reasons.valid_from
    left join losses on gaps.resource_partner_key = losses.resource_partner_key and gaps.valid_from = losses.valid_from
    union all
    -- D4: with access all day, only an agreement is missing.
    select
        resource_partner_key,
        null,
        null,
        {{ access_stage('agreement') }},
        false,
        {{ access_stage('agreement') }},
        null,
        lost_days,
        first_lost_date,
        last_lost_date,
        lost_credit_usd,
        recent_lost_credit_usd,
        -- The agreement is the repair itself here.
        false
    from losses
    where valid_from is null
),

judged as (
    select
        gaps.*,
        resources.* exclude (resource_partner_key),
        gaps.valid_to is null and gaps.valid_from is not null as is_open,
        resources.last_usage_date = resources.newest_usage_date
        and case
            when gaps.valid_from is null then gaps.last_lost_date = resources.newest_usage_date
            -- A link with a known end may begin a gap in the future.
            else gaps.valid_to is null and gaps.valid_from < resources.newest_usage_date + interval 1 day
        end as is_losing_now,
        least(7, date_diff('day', coalesce(gaps.valid_from::date, gaps.first_lost_date), resources.newest_usage_date) + 1) as recent_days
    from gaps
    inner join {{ ref('int_resource_usage') }} as resources on gaps.resource_partner_key = resources.resource_partner_key
),

-- A5: the deny that takes away what would count today.
denies as (
    select
        judged.resource_partner_key,
        min(denies.deny_assignment_id) as deny_assignment_id,
        min_by(denies.scope_id, denies.deny_assignment_id) as scope_id
    from judged
    inner join {{ ref('int_qualifying_access_intervals') }} as intervals on judged.grant_id_today = intervals.grant_id
    inner join {{ ref('int_deny_spans') }} as spans
        on
            intervals.interval_id = spans.interval_id
            and starts_with(judged.access_scope_id || '/', spans.scope_id || '/')
            and (not spans.is_for_exact_scope or judged.access_scope_id = spans.scope_id)
    inner join {{ ref('int_deny_assignments') }} as denies on spans.deny_id = denies.deny_id
    cross join {{ ref('int_as_of_date') }} as as_of
    where
        judged.is_open
        and judged.access_stage_today = {{ access_stage('permanent') }}
        and {{ to_or_ever('spans.valid_to') }} >= as_of.as_of_date + interval 1 day
    group by judged.resource_partner_key
),

repaired as (
    select
        judged.*,
        stages.access_reason as reason_today,
        case
            when judged.valid_to is not null and judged.is_begun_unseen then 'supply_evidence'
            -- From the first day of usage on there was none that anybody could have removed.
            when judged.valid_to is not null then case when judged.valid_from > judged.first_usage_date then 'keep_whole_days' else 'keep_access' end
            when grants.item_kind = 'delegation' then stages.delegation_action
            else stages.action
        end as action,
        grants.principal_id,
        grants.principal_type,
        grants.role_definition_id,
        grants.managing_tenant_id,
        coalesce(denies.deny_assignment_id, grants.item_id) as item_id,
        coalesce(denies.scope_id, grants.scope_id) as fault_scope_id,
        -- A principal of the reseller of record is linked to the reseller's partner ID (D2).
        case
            when exists (
                select 1 from {{ ref('int_access_grant_owners') }} as owners
                where owners.grant_id = grants.grant_id and owners.organisation_id = judged.transacting_organisation_id
            ) then judged.transacting_partner_id
            else coalesce(judged.reseller_partner_id, judged.transacting_partner_id)
        end as link_partner_id
    from judged
    inner join {{ ref('access_stages') }} as stages
        on case when judged.valid_to is null then judged.access_stage_today else judged.access_stage end = stages.access_stage
    -- Another partner's grant is no place to repair.
    left join {{ ref('int_access_grants') }} as grants
        on judged.is_open and judged.access_stage_today > {{ access_stage('any_grant') }} and judged.grant_id_today = grants.grant_id
    left join denies on judged.is_open and judged.resource_partner_key = denies.resource_partner_key
)

select
    * exclude (recent_days, recent_lost_credit_usd),
    -- For sentences; in order of time as in order of letters.
    strftime(valid_from, '%Y-%m-%d %H:%M UTC') as began_at_text,
    strftime(valid_to, '%Y-%m-%d %H:%M UTC') as ended_at_text,
    md5(concat_ws(
        '|', action, transacting_partner_id, subscription_id, reason_today, coalesce(principal_id, ''), coalesce(item_id, ''),
        -- What is over is one repair per gap of the same time.
        case when valid_to is not null then concat_ws('|', valid_from, valid_to) end
    )) as repair_id,
    case
        when is_losing_now
            then ({{ divide('recent_lost_credit_usd', 'recent_days', 0, later=0) }})::decimal(38, 0) * 0.000000000000000001::decimal(18, 18)
        else 0
    end::decimal(38, 18) as lost_credit_per_day_usd
from repaired
