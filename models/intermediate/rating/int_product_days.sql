{{ config(materialized='incremental', pre_hook="{{ forget_periods('int_usage_day_versions') }}") }}
-- One row per usage day and product_key of accepted usage.
select
    lines.usage_date,
    lines.product_key,
    versions.input_version
from {{ ref('int_usage_lines') }} as lines
inner join {{ ref('int_usage_day_versions') }} as versions on lines.usage_date = versions.usage_date
where {{ has_news('lines.usage_date', ref('int_usage_day_versions')) }}
group by all
