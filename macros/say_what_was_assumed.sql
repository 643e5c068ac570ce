{# on-run-end: what a reader of the marts must know: assumptions, what was rejected, and the most costly gaps in evidence. Only what there is. #}
{% macro say_what_was_assumed() %}
    {% if execute and flags.WHICH in ['build', 'run'] and adapter.get_relation(target.database, 'staging', 'stg_archive__files') %}
        {% do say_what_the_directory_lacks() %}
        {% do say_each(
            "stg_archive__files",
            "select 'Put aside: ' || source_file || ': ' || problem || '.' from staging.stg_archive__files
             where is_present and problem is not null order by source_file limit 20"
        ) %}
        {% do say_each(
            "rejected_rows",
            "select 'Rejected: ' || count(*) || ' rows of ' || count(distinct source_file) || ' files, ' || count(*) filter (where line_number = 0)
                 || ' of them whole files (marts.rejected_rows).'
             from marts.rejected_rows having count(*) > 0"
        ) %}
        {% do say_each(
            "pec_unresolved_access",
            "select 'Not counted: ' || count(*) || ' × ' || reason || ' (marts.pec_unresolved_access).' from marts.pec_unresolved_access
             group by reason order by reason"
        ) %}
        {% do say_each(
            "evidence_coverage",
            "select 'Evidence lacks: ' || credit_in_doubt_usd::decimal(38, 2) || ' USD in doubt, subscription ' || subscription_id
                 || ': ' || left(coalesce(to_supply, 'nothing to supply, its decisions are inferred'), 200)
                 || ' (marts.evidence_coverage).'
             from marts.evidence_coverage where credit_in_doubt_usd > 0 order by credit_in_doubt_usd desc, subscription_id limit 5"
        ) %}
        {% do say_each(
            "stg_cost_management__usage_lines",
            "select 'Assumed: ' || count(distinct subscriptionid) || ' subscriptions of cost_management/ are their own Azure plan (M2: tiers), as'
                 || ' subscription_partners.csv names no plan_subscription_id.'
             from staging.stg_cost_management__usage_lines where is_usage and failure is null and not has_plan having count(*) > 0"
        ) %}
    {% endif %}
{% endmacro %}

{# Logs the first column of each row of a query.  relation: without it nothing is logged.  query: SQL. #}
{% macro say_each(relation, query) %}
    {% set schema = 'staging' if relation.startswith('stg_') or relation.startswith('base_') else 'marts' %}
    {% if adapter.get_relation(target.database, schema, relation) %}
        {% for row in run_query(query).rows %}{{ log(row[0], info=true) }}{% endfor %}
    {% endif %}
{% endmacro %}

{# Logs what the build assumes because a file of the partner directory is missing, and, louder, because it cannot be read or has no row. #}
{% macro say_what_the_directory_lacks() %}
    {% for kind, without, empty in [
        ('agreements', 'every partner has an agreement in force (D4)', 'nobody has an agreement, and no line earns (D4)'),
        ('agent_groups', 'no foreign group is yours, and AOBO counts for nobody (A3)', 'no foreign group is yours, and AOBO counts for nobody (A3)'),
        ('partner_id_links', 'no identity has a partner ID link, and only AOBO counts (A3)', 'no identity has a partner ID link, and only AOBO counts (A3)'),
    ] %}
        {% do say_each(
            "base_partner_directory",
            "select case
                 when not is_used and readable = 0 and problem is not null
                     then 'WARNING: assumed: " ~ without ~ ", although there is ' || source_file || ': ' || problem || '. Repair it before you claim.'
                 when not is_used and readable = 0 then 'Assumed: " ~ without ~ ", as there is no readable partner_directory/" ~ kind ~ ".csv.'
                 when problem is not null
                     then 'WARNING: the last good version of partner_directory/" ~ kind ~ ".csv stays in force, as ' || source_file || ' cannot be read.'
                 when readable = 0 then 'WARNING: partner_directory/" ~ kind ~ ".csv has no row that can be read: " ~ empty ~ ".'
             end as text
             from (
                 select
                     coalesce(bool_or(is_in_force and kind = '" ~ kind ~ "'), false) as is_used,
                     min(source_file) filter (where is_unreadable) as source_file,
                     min_by(problem, source_file) filter (where is_unreadable) as problem,
                     (select count(*) from staging.base_partner_directory as d where d.kind = '" ~ kind ~ "' and d.failure is null) as readable
                 from (
                     select *, is_present and problem is not null
                         and (kind = '" ~ kind ~ "' or contains(problem, 'did you mean " ~ kind ~ ".csv')) as is_unreadable
                     from staging.stg_archive__files
                 ) as files
             ) as found
             where text is not null"
        ) %}
    {% endfor %}
{% endmacro %}
