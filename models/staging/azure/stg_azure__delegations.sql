with archived as (
    {{ archived_items('lighthouse') }}
),

items as (
    select
        *,
        coalesce(item -> '$.properties', item) as properties,
        coalesce(item -> '$.properties.registrationdefinition', item -> '$.registrationdefinition') as definition,
        {{ scope_of("item ->> '$.id'") }} as delegation_id
    from archived
),

renamed as (
    select
        file_id,
        source_file,
        exported_at as snapshot_at,
        line_number,
        raw_text,
        ids_in_path,

        delegation_id,
        coalesce(properties ->> '$.registrationdefinitionid', definition ->> '$.id') as definition_id,
        {{ scope_in('delegation_id', 'microsoft.managedservices/registrationassignments') }} as scope_id,
        -- A delegation that is being created or removed gives no reliable access.
        coalesce(properties ->> '$.provisioningstate', 'succeeded') = 'succeeded' as is_standing,
        definition ->> '$.properties.managedbytenantid' as managing_tenant_id,
        concat_ws('', definition ->> '$.plan.name', definition ->> '$.plan.publisher', definition ->> '$.plan.product') != '' as is_marketplace_offer,
        {{ authorizations("json_extract(definition, '$.properties')") }} as authorizations
    from items
)

select
    *,
    case
        when delegation_id = '/' then {{ failure('id', 'no registration assignment id') }}
        when managing_tenant_id is null
            then {{ failure('registrationDefinition', 'without its definition: export with $expandRegistrationDefinition=true') }}
    end as failure
from renamed
