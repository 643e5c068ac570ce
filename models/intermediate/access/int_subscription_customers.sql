-- Which customer's tenant a subscription is in, as usage says it; the newest usage decides when they differ.
select
    subscription_id,
    arg_max(customer_id, (usage_date, customer_id)) as customer_id
from {{ ref('int_usage_slices_current') }}
where customer_id is not null
group by subscription_id
