{# on-run-end, last: publishes the marts of a whole green build, unless a check holds them (pec/publication.py), and records which contents may be pruned
(the next build prunes them: models/staging/archive/archived_files.py). A held build ends with an error that says what to look at.
results: dbt's, of the run. #}
{% macro publish(results) %}
    {% if is_whole_green_build(results) %}
        {% set checks = adapter.get_relation(target.database, 'marts', 'data_quality') %}
        {% set held = run_query("select check_name, found, what_to_do from marts.data_quality where status = 'hold' order by check_name").rows if checks %}
        {% if held %}
            {% for check in held %}{{ log('HELD by ' ~ check[0] ~ ': ' ~ check[1] ~ '. ' ~ check[2], info=true) }}{% endfor %}
            {{ exceptions.raise_compiler_error('Built and tested, but not published: ' ~ held | length ~ ' checks of marts.data_quality hold. What is published stays as it is.') }}
        {% endif %}
        {% set marts = graph.nodes.values() | selectattr('resource_type', 'equalto', 'model') | selectattr('schema', 'equalto', 'marts') | map(attribute='name') | list %}
        {% do adapter.store_relation('dbt_plugin', adapter.get_relation(target.database, 'intermediate', 'int_resource_month_changes'), [], '', '', {
            'publication_id': publication_id(), 'marts': marts, 'storage_version': var('published_storage_version'),
            'kept': var('publications_kept') | int, 'about': {'built_at': run_started_at.isoformat(), 'settings': settings_version()},
        }) %}
        create or replace table build_state.contents_to_prune as
        select content_id from {{ adapter.get_relation(target.database, 'intermediate', 'int_usage_contents_to_prune') }};
    {% endif %}
{% endmacro %}

{# on-run-end, first: if a model or test failed because the warehouse is damaged, says so, and lets the next build make a new one (pec/damage.py).
results: dbt's, of the run. #}
{% macro note_damage(results) %}
    {% if execute %}
        {% set messages = results | map(attribute='message') | select('string') | list %}
        {% do adapter.store_relation('dbt_plugin', none, [], '', '', {'messages': messages}) %}
    {% endif %}
{% endmacro %}

{# The id of what this run publishes: the time at which it began, UTC. #}
{% macro publication_id() -%}
    {{ run_started_at.strftime('%Y%m%dT%H%M%S%f') }}
{%- endmacro %}
