-- All ways to access, in one relation. One row per grant: an item's existence period on a scope, with principal and role. A fourth way is one more
-- branch here (A3). `item_id` is the evidence: the assignment, delegation or schedule instance to name in a ticket.
with existence_periods as (
    select * from {{ ref('int_access_existence_on_scopes') }}
),

agent_groups as (
    select distinct group_object_id
    from {{ directory_records('agent_groups', 'group_object_id, group_name') }}
    where group_name in ('adminagents', 'helpdeskagents')
),

-- A principal's type that one record of an assignment lacks stands in another.
principal_types as (
    select
        item_id,
        facts ->> '$.principal_id' as principal_id,
        min(facts ->> '$.principal_type') as principal_type
    from {{ ref('int_access_evidence') }}
    where item_kind = 'role_assignment'
    group by item_id, facts ->> '$.principal_id'
),

-- A4: PIM says for some assignments from when to when they count.
pim_windows as (
    select
        origin_role_assignment_id,
        valid_from,
        valid_to
    from {{ ref('stg_azure__role_schedules') }}
    where not is_eligible_only and origin_role_assignment_id is not null and failure is null
    -- The newest snapshot of an instance counts: instances are extended and shortened. A list may stand on one line.
    qualify row_number() over (partition by schedule_instance_id order by snapshot_at desc, source_file desc, line_number desc, item_number desc) = 1
),

-- Distinct: two instances may bound one assignment alike.
facts as (
    select distinct
        periods.item_kind,
        periods.item_id,
        periods.snapshot_subscription_id,
        periods.existence_period,
        periods.scope_id,
        periods.scope_level,
        periods.facts ->> '$.principal_id' as principal_id,
        coalesce(periods.facts ->> '$.principal_type', principal_types.principal_type) as principal_type,
        periods.facts ->> '$.role_definition_id' as role_definition_id,
        periods.facts ->> '$.managing_tenant_id' as managing_tenant_id,
        coalesce((periods.facts ->> '$.is_marketplace_offer')::boolean, false) as is_marketplace_offer,
        periods.item_kind = 'role_eligibility' or coalesce((periods.facts ->> '$.is_eligible_only')::boolean, false) as is_eligible_only,
        periods.begin_evidence,
        periods.end_evidence,
        periods.source_file,
        periods.first_at,
        periods.last_standing_at,
        periods.missing_at,
        {{ later_begin('periods.valid_from', 'pim_windows.valid_from') }} as valid_from,
        {{ earlier_end(
            earlier_end('periods.valid_to', 'pim_windows.valid_to'),
            "case when periods.item_kind = 'role_eligibility' then (periods.facts ->> '$.valid_to')::timestamp end"
        ) }} as valid_to
    from existence_periods as periods
    left join principal_types
        on
            periods.item_kind = 'role_assignment'
            and periods.item_id = principal_types.item_id
            and periods.facts ->> '$.principal_id' = principal_types.principal_id
    left join pim_windows on periods.item_kind = 'role_assignment' and periods.item_id = pim_windows.origin_role_assignment_id
    where periods.item_kind != 'deny_assignment'
)

select
    md5(
        concat_ws('|', facts.item_kind, facts.item_id, snapshot_subscription_id, existence_period, scope_id, scope_level, valid_from, valid_to)
    ) as grant_id,
    facts.*,
    {{ subscription_of('facts.scope_id') }} as subscription_id,
    case
        when facts.item_kind = 'delegation' then 'lighthouse'
        -- The display name proves nothing: a foreign principal is AOBO, and its object id identifies the owner.
        when facts.principal_type = 'foreigngroup' or agent_groups.group_object_id is not null then 'aobo'
        else 'direct'
    end as access_path
from facts
left join agent_groups on facts.principal_id = agent_groups.group_object_id
-- What began unseen has no time that counts, but its owner is known: access may have existed before (int_scope_uncertain_periods).
where {{ from_or_ever('facts.valid_from') }} < {{ to_or_ever('facts.valid_to') }} or facts.begin_evidence = 'unseen'
