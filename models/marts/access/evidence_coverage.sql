-- Decision: a day lacks evidence if no evidence reaches it, or if it is not earned and there is no complete list of role assignments or of
-- delegations at all: a list could show access. Deny assignments and PIM are rare: a missing list is named, and not priced.
with resources as (
    select
        resource_key,
        access_scope_id || '/' as scope_path,
        subscription_id
    from {{ ref('stg_partner_center__usage_resources') }}
),

evidence as (
    select * from {{ ref('int_subscription_evidence') }}
),

unresolved as (
    select * from {{ ref('pec_unresolved_access') }}
),

-- Resources below an item that could give access if it were settled.
unresolved_resources as (
    select
        resources.resource_key,
        unresolved.unresolved_from,
        unresolved.unresolved_to
    from resources
    inner join unresolved
        on resources.subscription_id = unresolved.subscription_id and starts_with(resources.scope_path, unresolved.scope_id || '/')
    left join {{ ref('azure_role_pec_eligibility') }} as roles
        on unresolved.role_definition_id = roles.role_definition_id and not roles.is_pec_eligible
    where roles.role_definition_id is null
),

days as (
    select
        resources.subscription_id,
        eligibility.usage_date,
        eligibility.resource_partner_key,
        eligibility.access_reason,
        eligibility.evidence_strength = 'inferred' as is_inferred,
        evidence.first_evidence_at is null
        or eligibility.usage_date > evidence.last_evidence_at::date
        or (
            not eligibility.is_access_eligible
            and (
                eligibility.usage_date < evidence.first_evidence_at
                or evidence.newest_role_assignments_at is null
                or evidence.newest_delegations_at is null
            )
        ) as lacks_evidence,
        not eligibility.is_access_eligible and exists (
            select 1 from unresolved_resources as unresolved
            where
                unresolved.resource_key = eligibility.resource_key
                and {{ from_or_ever('unresolved.unresolved_from') }} < eligibility.usage_date + interval 1 day
                and {{ to_or_ever('unresolved.unresolved_to') }} > eligibility.usage_date
        ) as is_unresolved
    from {{ ref('int_eligibility_days') }} as eligibility
    inner join resources on eligibility.resource_key = resources.resource_key
    inner join evidence on resources.subscription_id = evidence.subscription_id
    -- Without an agreement no evidence of access decides anything (D4).
    where eligibility.access_reason != 'no_agreement'
),

-- P3: the credit of the day at list cost: due, recoverable, or applied without evidence.
doubts as (
    select
        days.subscription_id,
        count(distinct days.usage_date) filter (where days.is_inferred) as days_inferred,
        count(distinct days.usage_date) filter (where days.lacks_evidence) as days_without_evidence,
        sum(
            lines.pec_credit_usd + lines.recoverable_credit_usd
            + case when lines.pec_status = 'unexpected' then lines.applied_credit_usd else 0 end
        ) filter (where lines.pec_reason in ('eligible', days.access_reason)) as credit_in_doubt_usd
    from days
    left join {{ ref('int_charge_lines') }} as lines
        on days.usage_date = lines.usage_date and days.resource_partner_key = lines.resource_partner_key
    where days.is_inferred or days.lacks_evidence or days.is_unresolved
    group by days.subscription_id
),

counts as (
    select
        subscription_id,
        count(distinct principal_id) filter (where reason = 'foreign_group_of_nobody') as foreign_groups_of_nobody,
        string_agg(distinct principal_id, ', ' order by principal_id) filter (where reason = 'foreign_group_of_nobody') as foreign_group_ids,
        count(*) filter (where reason = 'deletion_begun_unseen') as deletions_begun_unseen,
        count(*) as unresolved_items
    from unresolved
    where subscription_id is not null
    group by subscription_id
)

select
    evidence.subscription_id,
    evidence.customer_id,
    evidence.customer_name,
    evidence.first_usage_date,
    evidence.last_usage_date,
    evidence.newest_role_assignments_at,
    evidence.newest_delegations_at,
    evidence.newest_deny_assignments_at,
    evidence.newest_role_schedules_at,
    evidence.first_event_at as activity_log_first_at,
    evidence.last_event_at as activity_log_last_at,
    coalesce(doubts.days_inferred, 0) as days_inferred,
    coalesce(doubts.days_without_evidence, 0) as days_without_evidence,
    coalesce(counts.foreign_groups_of_nobody, 0) as foreign_groups_of_nobody,
    coalesce(counts.deletions_begun_unseen, 0) as deletions_begun_unseen,
    coalesce(counts.unresolved_items, 0) as unresolved_items,
    coalesce(doubts.credit_in_doubt_usd, 0)::decimal(38, 18) as credit_in_doubt_usd,
    nullif(concat_ws(
        '; ',
        case when evidence.newest_role_assignments_at is null then 'role_assignments/: a complete list' end,
        case when evidence.newest_delegations_at is null then 'lighthouse/: a complete list, also if it is empty' end,
        case when evidence.newest_deny_assignments_at is null then 'deny_assignments/: a complete list, also if it is empty' end,
        case when evidence.first_event_at is null then 'activity_log/: the log' end,
        case
            when evidence.first_evidence_at > evidence.first_usage_date
                then 'activity_log/ or an older list: evidence since ' || evidence.first_usage_date
        end,
        case
            when evidence.last_evidence_at::date < evidence.last_usage_date then 'newer lists and log: until ' || evidence.last_usage_date
        end,
        'partner_directory/agent_groups.csv: these foreign groups, if they are yours: ' || counts.foreign_group_ids,
        case when counts.deletions_begun_unseen > 0 then 'a list older than the deletions that pec_unresolved_access names' end,
        case
            when counts.unresolved_items > counts.deletions_begun_unseen and counts.foreign_group_ids is null
                then 'what pec_unresolved_access names'
        end
    ), '') as to_supply
from evidence
left join doubts on evidence.subscription_id = doubts.subscription_id
left join counts on evidence.subscription_id = counts.subscription_id
