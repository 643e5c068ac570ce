-- Lighthouse delegations in lists: with their definition inside (REST, CLI), or as Resource Graph gives them, delegations and definitions as items of
-- their own. Source's defect: a delegation without its definition tells neither principals nor roles.
-- Guarantee: one row per delegation. `is_identified`: its id and its definition were read, which makes the ids of its authorizations (A7).
with archived as (
    {{ archived_items('lighthouse') }}
),

items as (
    select
        *,
        {{ scope_of("item ->> '$.id'") }} as item_id,
        coalesce(item ->> '$.type', '') = 'microsoft.managedservices/registrationdefinitions'
        or regexp_matches(item_id, '/microsoft\.managedservices/registrationdefinitions/[^/]+$') as is_definition
    from archived
),

-- Lists of one date that give definitions apart.
definitions as (
    select
        exported_at,
        item_id as definition_id,
        any_value(item order by source_file, line_number, item::varchar) as definition
    from items
    where is_definition
    group by exported_at, item_id
),

delegations as (
    select
        items.*,
        nullif(
            {{ scope_of("coalesce(items.properties ->> '$.registrationdefinitionid', items.properties ->> '$.registrationdefinition.id')") }}, '/'
        ) as definition_id,
        case
            when json_type(items.properties, '$.registrationdefinition') = 'OBJECT' then items.properties -> '$.registrationdefinition'
            when json_type(items.item, '$.registrationdefinition') = 'OBJECT' then items.item -> '$.registrationdefinition'
            else definitions.definition
        end as definition
    from items
    left join definitions
        on
            items.exported_at = definitions.exported_at
            and {{ scope_of("items.properties ->> '$.registrationdefinitionid'") }} = definitions.definition_id
    where not items.is_definition
),

renamed as (
    select
        file_id,
        source_file,
        exported_at as snapshot_at,
        line_number,
        raw_text,
        ids_in_path,

        item_id as delegation_id,
        definition_id,
        {{ scope_in('item_id', 'microsoft.managedservices/registrationassignments') }} as scope_id,
        -- A delegation that is being created or removed gives no reliable access.
        coalesce({{ texts_of('properties', ['provisioningstate']) }}, 'succeeded') = 'succeeded' as is_standing,
        {{ texts_of('definition', ['properties.managedbytenantid']) }} as managing_tenant_id,
        concat_ws('', definition ->> '$.plan.name', definition ->> '$.plan.publisher', definition ->> '$.plan.product') != '' as is_marketplace_offer,
        {{ authorizations("json_extract(definition, '$.properties')") }} as authorizations
    from delegations
)

select
    *,
    delegation_id != '/' and managing_tenant_id is not null as is_identified,
    case
        when delegation_id = '/' then {{ failure('id', 'no registration assignment id') }}
        when managing_tenant_id is null
            then {{ failure('registrationDefinition', 'no definition: add az --include-definition true or REST $expandRegistrationDefinition=true') }}
    end as failure
from renamed
