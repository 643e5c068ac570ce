with grants as (
    select * from {{ ref('int_access_grants') }}
),

existence_periods as (
    select
        *,
        facts ->> '$.scope_id' as scope_id
    from {{ ref('int_access_existence_periods') }}
    where item_kind != 'deny_assignment'
),

unmapped as (
    select
        existence_periods.item_kind,
        existence_periods.item_id,
        existence_periods.scope_id,
        existence_periods.facts ->> '$.principal_id' as principal_id,
        existence_periods.facts ->> '$.role_definition_id' as role_definition_id,
        case when existence_periods.scope_id = '/' then 'root_seen_in_no_snapshot' else 'management_group_not_mapped' end as reason,
        existence_periods.valid_from,
        existence_periods.valid_to,
        nullif(existence_periods.snapshot_subscription_id, '') as shown_in_subscription_id
    from existence_periods
    left join grants on existence_periods.item_kind = grants.item_kind and existence_periods.item_id = grants.item_id
    where
        grants.item_id is null
        and not starts_with(existence_periods.scope_id, '/subscriptions/')
        and existence_periods.begin_evidence is distinct from 'unseen'
),

-- A7: a deletion of what nobody saw begin, or a delegation whose definition nobody saw.
undefined_delegations as (
    select
        'delegation' as item_kind,
        events.item_id,
        {{ scope_in('events.item_id', 'microsoft.managedservices/registrationassignments') }} as scope_id,
        null::varchar as principal_id,
        null::varchar as role_definition_id,
        case when events.is_delete then 'deletion_begun_unseen' else 'delegation_without_definition' end as reason,
        case when not events.is_delete then events.event_at end as valid_from,
        case when events.is_delete then events.event_at end as valid_to
    from {{ ref('int_access_events') }} as events
    left join {{ ref('int_delegation_evidence') }} as evidence on events.item_id = evidence.delegation_id
    where events.item_kind = 'registrationassignments' and evidence.delegation_id is null
),

unknown_assignments as (
    select
        evidence.item_kind,
        evidence.item_id,
        {{ scope_in('evidence.item_id', 'microsoft.authorization/[a-z]+') }} as scope_id,
        null::varchar as principal_id,
        null::varchar as role_definition_id,
        'assignment_without_content' as reason,
        evidence.occurred_at as valid_from,
        null::timestamp as valid_to
    from {{ ref('int_access_evidence') }} as evidence
    left join {{ ref('int_access_existence_periods') }} as periods on evidence.item_kind = periods.item_kind and evidence.item_id = periods.item_id
    where evidence.item_kind in ('role_assignment', 'deny_assignment') and evidence.evidence = 'written' and periods.item_id is null
),

unmatched_schedules as (
    select
        'role_schedule' as item_kind,
        schedules.schedule_instance_id as item_id,
        schedules.scope_id,
        schedules.principal_id,
        schedules.role_definition_id,
        'schedule_without_assignment' as reason,
        schedules.valid_from,
        schedules.valid_to
    from {{ ref('stg_azure__role_schedules') }} as schedules
    left join existence_periods on schedules.origin_role_assignment_id = existence_periods.item_id
    where not schedules.is_eligible_only and schedules.failure is null and existence_periods.item_id is null
),

-- A7: deletions of what nobody saw begin.
begun_unseen as (
    select
        item_kind,
        item_id,
        coalesce(facts ->> '$.scope_id', {{ scope_in('item_id', 'microsoft.authorization/[a-z]+') }}) as scope_id,
        facts ->> '$.principal_id' as principal_id,
        facts ->> '$.role_definition_id' as role_definition_id,
        'deletion_begun_unseen' as reason,
        null::timestamp as valid_from,
        occurred_at as valid_to
    from {{ ref('int_access_evidence_timeline') }}
    where existence_period = 0 and evidence = 'deleted'
),

-- Records and items that name access and could not be read.
unread as (
    {% for model, kind, condition in [
        ('stg_azure__activity_log', 'activity_log', "failure.column_name != 'requestbody'"),
        ('stg_azure__role_assignments', 'role_assignment', 'not is_identified'),
        ('stg_azure__deny_assignments', 'deny_assignment', "failure.column_name not in ('createdOn', 'scope')"),
        ('stg_azure__delegations', 'delegation', 'not is_identified'), ('stg_azure__role_schedules', 'role_schedule', 'not is_identified'),
    ] %}
        select
            '{{ kind }}' as item_kind,
            source_file || ':' || line_number as item_id,
            null::varchar as scope_id,
            null::varchar as principal_id,
            null::varchar as role_definition_id,
            'unread_shape' as reason,
            null::timestamp as valid_from,
            null::timestamp as valid_to
        from {{ ref(model) }}
        where {{ condition }}
        {{ 'union' if not loop.last }}
    {% endfor %}
),

unresolved as (
    select * from unmapped
    {% for part in ['undefined_delegations', 'unknown_assignments', 'unmatched_schedules', 'begun_unseen', 'unread', ref('int_unsettled_grants')] %}
        union all
        select
            *,
            null::varchar as shown_in_subscription_id
        from {{ part }}
    {% endfor %}
)

select
    unresolved.item_kind,
    unresolved.item_id,
    unresolved.scope_id,
    min(unresolved.principal_id) as principal_id,
    min(unresolved.role_definition_id) as role_definition_id,
    unresolved.reason,
    min(reasons.repair) as repair,
    {{ subscription_of('unresolved.scope_id') }} as subscription_id,
    string_agg(distinct unresolved.shown_in_subscription_id, ', ' order by unresolved.shown_in_subscription_id) as shown_in_subscription_ids,
    case when count(*) = count(unresolved.valid_from) then min(unresolved.valid_from) end as unresolved_from,
    case when count(*) = count(unresolved.valid_to) then max(unresolved.valid_to) end as unresolved_to
from unresolved
left join {{ ref('unresolved_reasons') }} as reasons on unresolved.reason = reasons.reason
group by unresolved.item_kind, unresolved.item_id, unresolved.scope_id, unresolved.reason
