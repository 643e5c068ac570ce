-- A6: covered seconds lie in a day, and the day is eligible exactly when no more than the tolerated gap is missing; path, level and reason agree.
select *
from {{ ref('fct_pec_eligibility_daily') }}
where
    {{ is_in_changed_month(month_of('usage_date')) }}
    and (
        covered_seconds is null
        or covered_seconds not between 0 and 86400
        or is_access_eligible is distinct from (covered_seconds >= 86400 - {{ var('access_gap_tolerance_seconds') }})
        or is_access_eligible is distinct from (covering_access_path is not null)
        or is_access_eligible is distinct from (covering_scope_level is not null)
        or (access_reason = 'full_day' and not is_access_eligible)
        or (is_access_eligible and access_reason not in ('full_day', 'no_agreement'))
        or (access_reason = 'partial_day' and covered_seconds = 0)
        or (covered_seconds > 0 and access_reason not in ('partial_day', 'full_day', 'no_agreement'))
    )
