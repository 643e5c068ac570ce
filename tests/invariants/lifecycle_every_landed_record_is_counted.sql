-- Export lifecycle, A7: of each file, used + irrelevant by a stated rule + rejected + superseded = the records that the archive counted, apart from
-- all that reads them; so no record that names access goes unseen. And what counts as used is used: by the lines of usage, by the invoice lines, and
-- by the observations and events that access is decided from. A row of the result is a balance that does not close.
{%- set lists = {
    'stg_azure__role_assignments': ['role_assignment', 'assignment_id', 'true'],
    'stg_azure__deny_assignments': ['deny_assignment', 'deny_assignment_id', 'true'],
    'stg_azure__role_schedules': ['role_eligibility', 'schedule_instance_id', 'is_eligible_only'],
} %}
with files as (
    select
        landed.*,
        archived.records
    from {{ ref('landed_files') }} as landed
    full join {{ ref('stg_archive__files') }} as archived on landed.file_id = archived.file_id
)

select
    'the places of a file''s records' as balance,
    coalesce(source_file, 'not in landed_files') as found_in,
    used_count + irrelevant_count + rejected_count + superseded_count as found,
    coalesce(records, 0) as expected
from files
where used_count + irrelevant_count + rejected_count + superseded_count is distinct from coalesce(records, 0)
union all
-- A floor: where no record is used, nothing was counted.
select
    'used prices',
    null,
    sum(used_count),
    1
from files
where kind = 'price_sheet'
having coalesce(sum(used_count), 0) = 0
union all
select
    'accepted usage',
    null,
    sum(used_count),
    (select count(*) from {{ ref('int_usage_lines') }})
from files
where kind in ('daily_rated_usage', 'cost_management')
having coalesce(sum(used_count), 0) != (select count(*) from {{ ref('int_usage_lines') }}) or coalesce(sum(used_count), 0) = 0
union all
select
    'invoice lines in force',
    null,
    sum(used_count),
    (select count(*) from {{ ref('int_invoice_lines') }})
from files
where kind = 'invoice_reconciliation'
having coalesce(sum(used_count), 0) != (select count(*) from {{ ref('int_invoice_lines') }})
{% for model, (item_kind, id, condition) in lists.items() %}
    union all
    select
        'used items of {{ item_kind }} without an observation',
        any_value(items.source_file),
        count(*),
        0
    from {{ ref(model) }} as items
    left join {{ ref('int_access_snapshot_observations') }} as observations
        on items.file_id = observations.file_id and items.{{ id }} = observations.item_id and observations.item_kind = '{{ item_kind }}'
    where items.failure is null and {{ condition }} and observations.item_id is null
    having count(*) > 0
{% endfor %}
union all
select
    'successes of the log that are no evidence',
    any_value(records.source_file),
    count(*),
    0
from {{ ref('stg_azure__activity_log') }} as records
left join {{ ref('int_access_events') }} as events
    on
        records.item_kind = events.item_kind
        and records.item_id = events.item_id
        and records.is_delete = events.is_delete
        and records.event_at = events.event_at
left join {{ ref('int_access_evidence') }} as evidence
    on
        events.item_id = evidence.item_id
        and events.event_at = evidence.occurred_at
        and evidence.evidence = case when events.is_delete then 'deleted' else 'written' end
where
    records.failure is null and not records.is_other_operation and records.status = 'succeeded'
    and (events.item_id is null or events.item_kind in ('roleassignments', 'denyassignments') and evidence.item_id is null)
having count(*) > 0
