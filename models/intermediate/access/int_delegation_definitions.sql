-- Observations of Lighthouse definitions: snapshots and the event that writes the definition contain its authorizations; the event that delegates
-- does not. One row per definition and instant at which it was seen.
select
    definition_id,
    snapshot_at as observed_at,
    false as is_event,
    any_value(managing_tenant_id order by source_file, line_number, raw_text) as managing_tenant_id,
    any_value(is_marketplace_offer order by source_file, line_number, raw_text) as is_marketplace_offer,
    any_value(authorizations order by source_file, line_number, raw_text) as authorizations
from {{ ref('stg_azure__delegations') }}
where definition_id is not null and failure is null
group by definition_id, snapshot_at
union all
select
    item_id,
    event_at,
    true,
    body ->> '$.properties.managedbytenantid',
    concat_ws('', body ->> '$.plan.name', body ->> '$.plan.publisher', body ->> '$.plan.product') != '',
    {{ authorizations("json_extract(body, '$.properties')") }}
from {{ ref('int_access_events') }}
where item_kind = 'registrationdefinitions' and not is_delete and body ->> '$.properties.managedbytenantid' is not null
