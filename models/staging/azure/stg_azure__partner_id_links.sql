-- Partner ID links that identities showed of themselves (`az managementpartner show`), in the shape of partner_id_links.csv (A3). Source's defect:
-- the answer has one state and no history. It proves a link from its last change on: before a change another partner may have stood there.
-- It ends when a later answer of the same identity says otherwise; an error message, or no answer at all, ends nothing (A7).
-- One row per partner ID link in a JSON file in force.
with archived as (
    {{ archived_items('partner_id_link_documents') }}
),

items as (
    select
        *,
        {% for name in ['objectid', 'tenantid', 'partnerid', 'state', 'createdtime', 'updatedtime', 'version'] %}
            {{ text_or_null("coalesce(item ->> '$.properties." ~ name ~ "', item ->> '$." ~ name ~ "')") }} as {{ name }},
        {% endfor %}
        {{ text_or_null("item ->> '$.name'") }} as link_name
    from archived
),

renamed as (
    select
        file_id,
        source_file,
        line_number,
        item_number,
        raw_text,
        exported_at as shown_at,
        -- Without objectId the identity is the one that folder or file are named for.
        list_filter(list_distinct(ids_in_path), lambda id: id is distinct from tenantid) as named_ids,
        coalesce({{ id_of('objectid') }}, case when len(named_ids) = 1 then named_ids[1] end) as principal_id,
        coalesce({{ id_of('partnerid') }}, {{ id_of('link_name') }}) as partner_id,
        coalesce(state, 'active') = 'active' as is_active,
        {{ utc_instant('createdtime') }} as created_at,
        {{ utc_instant('updatedtime') }} as updated_at,
        version,
        createdtime,
        updatedtime
    from items
),

dated as (
    select
        *,
        -- A link of version 1 was never changed.
        coalesce(case when version = '1' then created_at end, updated_at, created_at, shown_at) as valid_from,
        case
            when principal_id is null
                then {{ failure('objectId', 'no identity: put its object id into the name of the file or of its folder, and no other id') }}
            when partner_id is null then {{ failure('partnerId', 'no partner id') }}
            when createdtime is not null and created_at is null then {{ failure('createdTime', 'not an ISO 8601 instant', 'createdtime') }}
            when updatedtime is not null and updated_at is null then {{ failure('updatedTime', 'not an ISO 8601 instant', 'updatedtime') }}
        end as failure
    from renamed
),

ends as (
    select
        earlier.file_id,
        earlier.item_number,
        min(later.valid_from) as valid_to
    from dated as earlier
    inner join dated as later
        on
            earlier.principal_id = later.principal_id
            and earlier.shown_at < later.shown_at
            and (not later.is_active or earlier.partner_id != later.partner_id)
    where earlier.failure is null and later.failure is null
    group by earlier.file_id, earlier.item_number
)

select
    dated.file_id,
    dated.source_file,
    dated.line_number,
    dated.raw_text,
    dated.principal_id,
    dated.partner_id,
    dated.valid_from,
    -- A link that was deleted proves nothing of the time before, since its partner may have changed then: an empty span.
    case when not dated.is_active or ends.valid_to < dated.valid_from then dated.valid_from else ends.valid_to end as valid_to,
    dated.failure
from dated
left join ends on dated.file_id = ends.file_id and dated.item_number = ends.item_number
