-- What changed between two builds: lines whose decision or money differ, by full outer join, so that a line that is missing on either side shows.
-- Attach the other warehouse first: attach 'yesterday.duckdb' as before (read_only); then run the compiled query. The variable is its name there.
-- Of two publications, by month, claim and repair: pec compare previous current.
{% set before_database = var('before_database', 'before') %}
select
    coalesce(after.usage_line_id, before.usage_line_id) as usage_line_id,
    coalesce(after.usage_date, before.usage_date) as usage_date,
    coalesce(after.resource_id, before.resource_id) as resource_id,
    before.pec_status as status_before,
    after.pec_status as status_after,
    before.pec_reason as reason_before,
    after.pec_reason as reason_after,
    before.net_cost_usd as net_cost_usd_before,
    after.net_cost_usd as net_cost_usd_after
from {{ ref('fct_pec_charges_daily') }} as after
full join {{ before_database }}.marts.fct_pec_charges_daily as before on after.usage_line_id = before.usage_line_id
where
    before.pec_status is distinct from after.pec_status
    or before.pec_reason is distinct from after.pec_reason
    or before.net_cost_usd is distinct from after.net_cost_usd
order by abs(coalesce(after.net_cost_usd, 0) - coalesce(before.net_cost_usd, 0)) desc, usage_line_id
