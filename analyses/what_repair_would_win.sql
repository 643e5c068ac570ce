-- What repairing access would win: the repairs of what is lost today, dearest first, with what to run. All repairs: pec_repairs.
select
    repair_rank,
    win_per_day_usd,
    win_per_month_usd,
    customer_name,
    scope_id,
    access_reason,
    what_to_do,
    tenant,
    done_by,
    az_command
from {{ ref('pec_repairs') }}
where is_losing_now
order by repair_rank
