{{ config(pre_hook="{{ delete_outdated() }}") }}
{{ newly_named('detail') }}
select
    detail_key,
    {{ text_or_null('sku_name') }} as sku_name,
    {{ text_or_null('product_name') }} as product_name,
    {{ text_or_null('meter_region') }} as meter_region,
    {{ text_or_null('unit') }} as unit,
    {{ text_or_null('resource_location') }} as resource_location,
    {{ text_or_null('entitlement_description') }} as entitlement_description,
    {{ id_of('benefit_order_id') }} as benefit_order_id,
    {{ id_of('benefit_id') }} as benefit_id,
    {{ text_or_null('tags') }} as tags,
    {{ text_or_null('additional_info') }} as additional_info,
    (select rules_version from {{ ref('project_version') }}) as rules_version
from named
