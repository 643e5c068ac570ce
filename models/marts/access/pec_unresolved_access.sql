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
    select distinct
        existence_periods.item_kind,
        existence_periods.item_id,
        existence_periods.scope_id,
        existence_periods.facts ->> '$.principal_id' as principal_id,
        existence_periods.facts ->> '$.role_definition_id' as role_definition_id,
        case when existence_periods.scope_id = '/' then 'root_seen_in_no_snapshot' else 'management_group_not_mapped' end as reason
    from existence_periods
    left join grants on existence_periods.item_kind = grants.item_kind and existence_periods.item_id = grants.item_id
    where
        grants.item_id is null
        and not starts_with(existence_periods.scope_id, '/subscriptions/')
        and existence_periods.begin_evidence is distinct from 'unseen'
),

unlisted_roles as (
    select distinct
        grants.item_kind,
        grants.item_id,
        grants.scope_id,
        grants.principal_id,
        grants.role_definition_id,
        'role_not_listed' as reason
    from grants
    left join {{ ref('azure_role_pec_eligibility') }} as roles on grants.role_definition_id = roles.role_definition_id
    where roles.role_definition_id is null
),

undefined_delegations as (
    select distinct
        'delegation' as item_kind,
        events.item_id,
        {{ scope_in('events.item_id', 'microsoft.managedservices/registrationassignments') }} as scope_id,
        null::varchar as principal_id,
        null::varchar as role_definition_id,
        'delegation_without_definition' as reason
    from {{ ref('int_access_events') }} as events
    left join {{ ref('int_delegation_evidence') }} as evidence on events.item_id = evidence.delegation_id
    where events.item_kind = 'registrationassignments' and not events.is_delete and evidence.delegation_id is null
),

unknown_assignments as (
    select distinct
        evidence.item_kind,
        evidence.item_id,
        {{ scope_in('evidence.item_id', 'microsoft.authorization/roleassignments') }} as scope_id,
        null::varchar as principal_id,
        null::varchar as role_definition_id,
        'assignment_without_content' as reason
    from {{ ref('int_access_evidence') }} as evidence
    left join existence_periods on evidence.item_kind = existence_periods.item_kind and evidence.item_id = existence_periods.item_id
    where evidence.item_kind = 'role_assignment' and evidence.evidence = 'written' and existence_periods.item_id is null
),

unmatched_schedules as (
    select distinct
        'role_schedule' as item_kind,
        schedules.schedule_instance_id as item_id,
        schedules.scope_id,
        schedules.principal_id,
        schedules.role_definition_id,
        'schedule_without_assignment' as reason
    from {{ ref('stg_azure__role_schedules') }} as schedules
    left join existence_periods on schedules.origin_role_assignment_id = existence_periods.item_id
    where not schedules.is_eligible_only and schedules.failure is null and existence_periods.item_id is null
),

-- A7: deletions of what nobody saw begin.
begun_unseen as (
    select
        item_kind,
        item_id,
        any_value(coalesce(facts ->> '$.scope_id', {{ scope_in('item_id', 'microsoft.authorization/[a-z]+') }}) order by occurred_at, facts::varchar)
            as scope_id,
        any_value(facts ->> '$.principal_id' order by occurred_at, facts::varchar) as principal_id,
        any_value(facts ->> '$.role_definition_id' order by occurred_at, facts::varchar) as role_definition_id,
        'deletion_begun_unseen' as reason
    from {{ ref('int_access_evidence_timeline') }}
    where existence_period = 0 and evidence = 'deleted'
    group by item_kind, item_id
    union all
    select distinct
        'delegation',
        events.item_id,
        {{ scope_in('events.item_id', 'microsoft.managedservices/registrationassignments') }},
        null,
        null,
        'deletion_begun_unseen'
    from {{ ref('int_access_events') }} as events
    left join {{ ref('int_delegation_evidence') }} as evidence on events.item_id = evidence.delegation_id
    where events.item_kind = 'registrationassignments' and events.is_delete and evidence.delegation_id is null
),

-- Records and items that name access and could not be read.
unread as (
    {% for model, kind, condition in [
        ('stg_azure__activity_log', 'activity_log', "failure.column_name != 'requestbody'"),
        ('stg_azure__role_assignments', 'role_assignment', 'not is_identified'),
        ('stg_azure__deny_assignments', 'deny_assignment', "failure.column_name != 'createdOn'"),
        ('stg_azure__delegations', 'delegation', 'not is_identified'),
        ('stg_azure__role_schedules', 'role_schedule', 'not is_identified'),
    ] %}
        select
            '{{ kind }}' as item_kind,
            source_file || ':' || line_number as item_id,
            null::varchar as scope_id,
            null::varchar as principal_id,
            null::varchar as role_definition_id,
            'unread_shape' as reason
        from {{ ref(model) }}
        where {{ condition }}
        {{ 'union' if not loop.last }}
    {% endfor %}
),

unresolved as (
    select * from unmapped
    union all
    select * from begun_unseen
    union all
    select * from unread
    union all
    select * from unlisted_roles
    union all
    select * from undefined_delegations
    union all
    select * from unknown_assignments
    union all
    select * from unmatched_schedules
)

select
    item_kind,
    item_id,
    scope_id,
    principal_id,
    role_definition_id,
    reason,
    case reason
        when 'management_group_not_mapped' then 'Map the management group to its subscriptions in partner_directory/management_groups.csv'
        when 'root_seen_in_no_snapshot' then 'Export role assignments with --include-inherited, so that a snapshot shows whose tenant it is in'
        when 'role_not_listed' then 'If the role is PEC-eligible, add it to seeds/reference/azure_role_pec_eligibility.csv'
        when 'delegation_without_definition' then 'Export delegations with $expandRegistrationDefinition=true to lighthouse/'
        when 'assignment_without_content' then 'Export role assignments of the subscription, or the log records of the operation''s start'
        when 'deletion_begun_unseen' then 'Supply an older list, of before this deletion: without it, what was deleted does not count'
        when 'unread_shape' then 'See rejected_rows for what could not be read, and export it again in one of the shapes that README lists'
        when 'schedule_without_assignment' then 'Export role assignments of the subscription: a schedule only bounds an assignment'
    end as repair
from unresolved
