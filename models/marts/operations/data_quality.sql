{#- name, worst status, what is compared, the limit, what to do. The table of docs/operations.md says the same. -#}
{%- set accept = ', or let it pass: pec acknowledge CHECK ITEM' -%}
{%- set credit_limit = var('credit_change_percent') ~ ' % of what was published, and ' ~ var('credit_change_usd') ~ ' USD' -%}
{%- set credit_remedy = 'Look at marts.pec_restatements for the cause; repair the input' ~ accept -%}
{%- set checks = [
    ('export_shrank', 'hold', 'lines and money of an export, with what it replaced', var('export_loss_percent') ~ ' % fewer lines or less money',
        'Export it again' ~ accept),
    ('rejected_usage', 'hold', 'rejected rows of usage, prices, rates and invoices, by file', var('rejected_usage_percent') ~ ' % of its rows',
        'Repair the rows that marts.rejected_rows names, and export again' ~ accept),
    ('rejected_evidence', 'hold', 'rejected rows of evidence and of the partner directory, by file', var('rejected_evidence_percent') ~ ' % of its rows',
        'Repair the rows that marts.rejected_rows names, and export again' ~ accept),
    ('due_credit_changed', 'hold', 'credit due of a month, with what was last published', credit_limit, credit_remedy),
    ('applied_credit_changed', 'hold', 'credit applied in a month, with what was last published', credit_limit, credit_remedy),
    ('files_put_aside', 'warn', 'files that could not be read, or that lack a page', 'none',
        'Do what marts.rejected_rows says, or remove the file'),
    ('evidence_missing', 'warn', 'subscriptions with usage, and their lists and logs of access', 'each has a list or a log',
        'Supply what marts.evidence_coverage names'),
    ('evidence_stale', 'warn', 'the newest list or log of a subscription with newer usage', var('evidence_stale_days') ~ ' days before the as-of date',
        'See why no list has come since; export one today'),
    ('evidence_emptied', 'warn', 'lists of access and files of the partner directory that had rows before', 'at least 1 row',
        'See whether all of it was removed; if not, export it again'),
    ('prices_stale', 'warn', 'the newest price sheet of a market with usage', var('prices_stale_days') ~ ' days before the as-of date',
        'Add the price sheet of the month for this market'),
    ('prices_emptied', 'warn', 'rows of a price sheet', 'at least 1 row', 'Export the price sheet again'),
    ('usage_stale', 'warn', 'the newest usage export of a partner', var('usage_stale_days') ~ ' days before the as-of date',
        'See why no export has come since'),
    ('days_missing', 'warn', 'days without usage of a partner, between days with usage', 'none',
        'Add the export that has these days; if nothing was used, do nothing'),
    ('usage_outside_window', 'warn', 'usage dates, with the as-of date and the date of the export',
        'not after the as-of date, nor ' ~ var('usage_window_months') ~ ' months before the export', 'See whether the file has its right dates'),
] -%}
with checks as (
    {% for name, default_status, checked, limit, what_to_do in checks %}
        {{ 'union all' if not loop.first }}
        select
            {{ loop.index }} as position,
            '{{ name }}' as check_name,
            {% if name in var('checks_that_only_warn') %}'warn'{% else %}'{{ default_status }}'{% endif %} as worst_status,
            '{{ checked }}' as checked,
            '{{ limit }}' as allowed,
            '{{ what_to_do }}' as what_to_do
    {% endfor %}
),

numbered as (
    select
        *,
        row_number() over (partition by check_name order by status, item) as finding_number,
        count(*) over (partition by check_name) as finding_count
    from {{ ref('data_quality_findings') }}
),

findings as (
    select
        check_name,
        min(status) as status,
        count(*) as finding_count,
        count(*) filter (where status = 'hold') as hold_count,
        count(*) filter (where is_acknowledged) as acknowledged_count,
        string_agg(item || ': ' || found, '; ' order by finding_number) filter (where finding_number <= 3)
        || case when count(*) > 3 then '; and ' || (count(*) - 3) || ' more in marts.data_quality_findings' else '' end as found,
        string_agg(item, ', ' order by finding_number) filter (where finding_number <= 5) as items,
        min(item) filter (where status = 'hold') as first_held_item
    from numbered
    group by check_name
)

select
    checks.check_name,
    -- Of hold and warn, hold is the first in the alphabet.
    coalesce(findings.status, 'pass') as status,
    coalesce(findings.found, 'nothing')
    || case when findings.acknowledged_count > 0 then ' (' || findings.acknowledged_count || ' acknowledged)' else '' end as found,
    checks.allowed,
    findings.items,
    case
        when findings.first_held_item is null then replace(checks.what_to_do, '{{ accept }}', '')
        else replace(checks.what_to_do, 'CHECK ITEM', checks.check_name || ' ''' || findings.first_held_item || '''')
    end as what_to_do,
    checks.checked,
    checks.worst_status,
    coalesce(findings.finding_count, 0) as finding_count,
    coalesce(findings.hold_count, 0) as hold_count,
    coalesce(findings.acknowledged_count, 0) as acknowledged_count
from checks
left join findings on checks.check_name = findings.check_name
