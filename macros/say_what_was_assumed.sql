{# on-run-end: tells of decisions that missing input made, where a reader of the marts would not look. Says nothing when nothing is missing. #}
{% macro say_what_was_assumed() %}
    {% set files = adapter.get_relation(target.database, 'landing', 'landing_files') if execute %}
    {% set unresolved = adapter.get_relation(target.database, 'marts', 'pec_unresolved_access') if execute %}
    {% if execute and flags.WHICH in ['build', 'run'] and files %}
        {% if run_query("select count(*) from " ~ files ~ " where kind = 'agreements' and problem is null").rows[0][0] == 0 %}
            {{ log("Assumed: every partner has an agreement in force (D4), as there is no partner_directory/agreements.csv.", info=true) }}
        {% endif %}
        {% if unresolved %}
            {% for row in run_query("select reason, count(*) from " ~ unresolved ~ " group by reason order by reason").rows %}
                {{ log("Not counted: " ~ row[1] ~ " × " ~ row[0] ~ " (marts.pec_unresolved_access).", info=true) }}
            {% endfor %}
        {% endif %}
    {% endif %}
{% endmacro %}
