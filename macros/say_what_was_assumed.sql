{# on-run-end: logs assumptions made because input is missing. Logs nothing if nothing is missing. #}
{% macro say_what_was_assumed() %}
    {% set files = adapter.get_relation(target.database, 'staging', 'stg_archive__files') if execute %}
    {% set unresolved = adapter.get_relation(target.database, 'marts', 'pec_unresolved_access') if execute %}
    {% if execute and flags.WHICH in ['build', 'run'] and files %}
        {% if run_query("select count(*) from " ~ files ~ " where kind = 'agreements' and is_in_force").rows[0][0] == 0 %}
            {{ log("Assumed: every partner has an agreement in force (D4), as there is no readable partner_directory/agreements.csv.", info=true) }}
        {% endif %}
        {% for row in run_query("select source_file, problem from " ~ files ~ " where is_present and problem is not null order by source_file limit 20").rows %}
            {{ log("Put aside: " ~ row[0] ~ ": " ~ row[1] ~ ".", info=true) }}
        {% endfor %}
        {% set lines = adapter.get_relation(target.database, 'staging', 'stg_cost_management__usage_lines') %}
        {% set plans = run_query("select count(distinct subscriptionid) from " ~ lines ~ " where is_usage and failure is null and not has_plan").rows[0][0] if lines else 0 %}
        {% if plans %}
            {{ log("Assumed: " ~ plans ~ " subscriptions of cost_management/ are their own Azure plan (M2: tiers), as subscription_partners.csv names no plan_subscription_id.", info=true) }}
        {% endif %}
        {% if unresolved %}
            {% for row in run_query("select reason, count(*) from " ~ unresolved ~ " group by reason order by reason").rows %}
                {{ log("Not counted: " ~ row[1] ~ " × " ~ row[0] ~ " (marts.pec_unresolved_access).", info=true) }}
            {% endfor %}
        {% endif %}
    {% endif %}
{% endmacro %}
