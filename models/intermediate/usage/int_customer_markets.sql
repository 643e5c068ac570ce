-- M1: the country of a customer, for lines that do not name it: that of the customer's other accepted lines; where these differ, the first in
-- alphabetical order. One row per customer with a line that names a country.
select
    customer_id,
    min(market) as market
from {{ ref('int_usage_file_groups_current') }}
where customer_id is not null and market is not null
group by customer_id
