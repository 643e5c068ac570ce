{{ config(post_hook="delete from build_state.settled_months where billing_month in (select billing_month from {{ this }})") }}
-- The months that this build computes, and why: a fingerprint differs from the last green build, the month is new, or its usage has gone.
-- One row per changed billing month.
with now as (
    select * from {{ ref('int_month_fingerprints') }}
),

settled as (
    select * from {{ source('build_state', 'settled_months') }}
),

compared as (
    select
        coalesce(now.billing_month, settled.billing_month) as billing_month,
        concat_ws(
            ', ',
            {% for cause in ['usage', 'access', 'price', 'directory', 'reference_data', 'rules'] %}
                case when now.{{ cause }}_version is distinct from settled.{{ cause }}_version then '{{ cause }}' end{{ ',' if not loop.last }}
            {% endfor %}
        ) as changed
    from now
    full join settled on now.billing_month = settled.billing_month
)

select
    billing_month,
    case when changed = '' then 'full refresh' else changed end as changed
from compared
where changed != '' or {{ 'true' if flags.FULL_REFRESH else 'false' }}
