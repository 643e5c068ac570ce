{# on-run-end: prints what the build says (pec/summary.py): to the screen, also with --quiet, and not to dbt's log, as it names customers.
results: dbt's, of the run. #}
{% macro summarise(results) %}
    {% if execute and flags.WHICH in ['build', 'run'] %}
        {% set statuses = {} %}
        {% for result in results %}{% do statuses.update({result.node.unique_id: result.status | string}) %}{% endfor %}
        {% do adapter.store_relation('dbt_plugin', none, [], '', '', {'summary': statuses}) %}
    {% endif %}
{% endmacro %}
