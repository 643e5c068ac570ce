-- What was last published of each month (the newest history of its resource-months) against what this build says.
-- One row per billing month that was published.
with published as (
    select * from {{ source('archive_records', 'history') }}
    qualify row_number() over (partition by resource_month_id order by as_of desc) = 1
),

compared as (
    select
        coalesce(published.billing_month, changes.billing_month) as billing_month,
        {% for amount in ['pec_credit_usd', 'applied_credit_usd'] %}
            coalesce(published.{{ amount }}, 0) as published_{{ amount }},
            coalesce(changes.{{ amount }}, published.{{ amount }}) as {{ amount }},
        {% endfor %}
        not published.is_gone and coalesce(changes.line_count = published.line_count, true) as has_same_lines,
        published.resource_month_id is not null as is_published
    from published
    full join {{ ref('int_resource_month_changes') }} as changes on published.resource_month_id = changes.resource_month_id
),

months as (
    select
        billing_month,
        {% for amount in ['pec_credit_usd', 'applied_credit_usd'] %}
            sum(published_{{ amount }})::decimal(38, 18) as published_{{ amount }},
            sum({{ amount }})::decimal(38, 18) as {{ amount }},
            -- Of resources of which no line came or went.
            coalesce(sum({{ amount }} - published_{{ amount }}) filter (where has_same_lines), 0)::decimal(38, 18) as {{ amount }}_same_lines_change,
        {% endfor %}
        billing_month = max(billing_month) over () as is_newest
    from compared
    group by billing_month
    having bool_or(is_published)
)

select
    billing_month,
    {% for amount in ['pec_credit_usd', 'applied_credit_usd'] %}
        published_{{ amount }},
        {{ amount }},
        -- The newest month grows each day: of it a fall counts, and what changed although no line came or went.
        case
            when is_newest and abs({{ amount }}_same_lines_change) > published_{{ amount }} - {{ amount }} then {{ amount }}_same_lines_change
            when is_newest then least({{ amount }} - published_{{ amount }}, 0)
            else {{ amount }} - published_{{ amount }}
        end::decimal(38, 18) as {{ amount }}_change,
    {% endfor %}
    is_newest
from months
