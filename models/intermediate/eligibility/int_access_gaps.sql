-- One row per transacting partner, resource and maximal half-open time without qualifying access since its first day of usage.
with wholes as (
    select
        resource_partner_key,
        min(valid_from) as valid_from,
        null::timestamp as valid_to
    from {{ ref('int_resource_partner_spans') }}
    group by resource_partner_key
),

holes as (
    select
        resource_partner_key,
        valid_from,
        valid_to
    from {{ ref('int_resource_access_intervals') }}
),

{{ remainders('wholes', 'holes', 'resource_partner_key') }}

select
    resource_partner_key,
    valid_from,
    valid_to
from remainders
