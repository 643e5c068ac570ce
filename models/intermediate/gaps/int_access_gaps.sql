-- One row per transacting partner, resource and maximal half-open time without qualifying access since its first day of usage.
with wholes as (
    select
        concat_ws('|', transacting_partner_id, subscription_id, resource_id) as watch_key,
        transacting_partner_id,
        subscription_id,
        resource_id,
        min(valid_from) as valid_from,
        null::timestamp as valid_to
    from {{ ref('int_resource_partner_spans') }}
    group by transacting_partner_id, subscription_id, resource_id
),

holes as (
    select
        concat_ws('|', transacting_partner_id, subscription_id, resource_id) as watch_key,
        valid_from,
        valid_to
    from {{ ref('int_resource_access_pieces') }}
),

{{ remainders('wholes', 'holes', 'watch_key') }}

select
    wholes.transacting_partner_id,
    wholes.subscription_id,
    wholes.resource_id,
    remainders.valid_from,
    remainders.valid_to
from remainders
inner join wholes on remainders.watch_key = wholes.watch_key
