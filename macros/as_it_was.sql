{#
    What is as it was is not made again. Every relation is told with a fingerprint of what it was made of (its SQL, its description, and what the
    relations below it said) and of what it says. A night in which a relation would be made of the same leaves it alone; one that was made again
    and says the same as before, leaves alone what is made of it. --full-refresh makes everything again, as does another version of DuckDB.

    Views hold nothing: what is made of one is made of the relations below it, and of its SQL.
#}

{# What is known of the relations as they stand, written in one transaction with each of them. #}
{% macro relations_made() %}
    {{ return(api.Relation.create(database=target.database, schema='landing', identifier='relations_made')) }}
{% endmacro %}

{# on-run-start, among the side tables. #}
{% macro create_relations_made() %}
    create table if not exists {{ relations_made() }} (relation varchar, made_of varchar, columns varchar, content varchar);
{% endmacro %}

{# Whether this model, seed or snapshot would be made of the same as the last time. #}
{% macro is_as_it_was() %}
    {% if not execute or should_full_refresh() %}{{ return(false) }}{% endif %}
    {% if load_cached_relation(this) is none or load_cached_relation(relations_made()) is none %}{{ return(false) }}{% endif %}
    {% set query %}
        select 1 from {{ relations_made() }} where relation = '{{ told_as(model) }}' and made_of = ({{ what_it_is_made_of() }})
    {% endset %}
    {{ return(run_query(query).rows | length > 0) }}
{% endmacro %}

{#
    Post-hook, in the transaction that made the relation: tells it.

    A relation's meta may say `known_by: being_made`, where looking at all that it says costs more than it can spare: then it says something else
    whenever it is made, as an incremental model does. What is made empty (--empty) is not told: the next build makes it again.
#}
{% macro remember_relation() %}
    {% if execute %}
        {% set is_known_by_being_made = model.config.materialized == 'incremental' or model.config.meta.known_by == 'being_made' %}
        delete from {{ relations_made() }} where relation = '{{ told_as(model) }}';
        {% if not flags.EMPTY %}
            insert into {{ relations_made() }}
            select
                '{{ told_as(model) }}',
                made.made_of,
                {% if model.config.materialized == 'view' %}
                    '{{ own_text() }}', '{{ own_text() }}'
                {% else %}
                    (select md5(typeof(any_value(t))) from (select * from {{ this }} limit 1) as t),
                    {{ "'" ~ invocation_id ~ "'" if is_known_by_being_made else all_that(this) }}
                {% endif %}
            from ({{ what_it_is_made_of() }}) as made (made_of);
        {% endif %}
    {% endif %}
{% endmacro %}

{#
    The fingerprint of what this node is made of, as a query of one row; of none when a relation below it is not told, so that it is made.

    A view shows what stands below it: it is made again only when its SQL or the columns of those relations are others.
#}
{% macro what_it_is_made_of() %}
    {% set below = {} %}
    {% do add_relations_below(model, below) %}
    {% set said = ['columns'] if model.config.materialized == 'view' else ['columns', 'content'] %}
    select md5(concat('{{ own_text() }}', version(), string_agg(concat_ws(' ', below.relation, below.{{ said | join(', below.') }}), ', ' order by below.relation)))
    from (
        select relation, columns, content from {{ relations_made() }} where relation in ({{ in_quotes(below) }})
        {% for relation, node in below.items() if node.resource_type == 'source' or node.config.meta.reads %}
            union all
            select '{{ relation }}', '', {{ what_landed(node) }}
        {% endfor %}
    ) as below
    having count(*) = {{ below | length }}
{% endmacro %}

{#
    What a landing table or side table holds, as SQL text. Landing tables are what files they have read; dictionaries only grow.

    node: of the graph.
#}
{% macro what_landed(node) -%}
    {% if node.resource_type != 'source' -%}
        (select concat_ws(' ', count(*), sum(hash(r.file_id, r.digest)::hugeint)) from {{ files_read() }} as r where r.model = '{{ node.name }}')
    {%- elif node.name.startswith('usage_') -%}
        (select max({{ node.name[6:-1] }}_key)::varchar from {{ node.relation_name }})
    {%- else -%}
        {{ all_that(node.relation_name) }}
    {%- endif %}
{%- endmacro %}

{# A fingerprint of all rows of a relation, whatever their order, as SQL text. #}
{% macro all_that(relation) -%}
    (select concat_ws(' ', count(*), sum(hash(t)::hugeint)) from {{ relation }} as t)
{%- endmacro %}

{# Adds the relations below a node, and those below views, to a dictionary from the name that they are told as to their node. node: of the graph, or model. #}
{% macro add_relations_below(node, below) %}
    {% for id in node.depends_on.nodes %}
        {% set parent = graph.sources[id] if id in graph.sources else graph.nodes[id] %}
        {% if told_as(parent) not in below %}
            {% do below.update({told_as(parent): parent}) %}
            {% if parent.config.materialized == 'view' %}{% do add_relations_below(parent, below) %}{% endif %}
        {% endif %}
    {% endfor %}
{% endmacro %}

{# The name that a node is told as: without the database's, which is that of the file. node: of the graph, or model. #}
{% macro told_as(node) -%}
    {{ node.schema }}.{{ node.alias or node.name }}
{%- endmacro %}

{# The names that models of this project are told as, as a list. models: their names. #}
{% macro names_told_as(models) %}
    {% set names = [] %}
    {% for name in models %}{% do names.append(told_as(graph.nodes['model.' ~ project_name ~ '.' ~ name])) %}{% endfor %}
    {{ return(names) }}
{% endmacro %}

{#
    A fingerprint of what this node itself says of how it is made and described. An incremental model's SQL names the days that have news, so
    its text before rendering stands for it: after a change of a macro that it uses, --full-refresh is needed (README).
#}
{% macro own_text() -%}
    {% set text = model.checksum.checksum if model.resource_type == 'seed'
        else model.raw_code if model.config.materialized in ['incremental', 'snapshot']
        else sql | replace('"' ~ target.database ~ '".', '') %}
    {{ local_md5(tojson([text, model.config, model.description, model.columns])) }}
{%- endmacro %}

{# What a materialization returns that left its relation alone. #}
{% macro leave_it() %}
    {# dbt looks at what a seed's file holds, also when it is not loaded. #}
    {% if model.resource_type == 'seed' %}{% do store_result('agate_table', response='AS IT WAS', agate_table=load_agate_table()) %}{% endif %}
    {% call noop_statement('main', message='AS IT WAS', code='AS IT WAS', rows_affected=0) %}{% endcall %}
    {{ return({'relations': [this.incorporate(type='view' if model.config.materialized == 'view' else 'table')]}) }}
{% endmacro %}

{#
    Makes a relation in place of the old one, in one transaction: dbt's own way, under another name first and then renamed twice, takes twice as
    many statements, at some milliseconds each.

    type: table or view.
#}
{% macro make_anew(type) %}
    {% set old = load_cached_relation(this) %}
    {% set new = this.incorporate(type=type) %}
    {{ run_hooks(pre_hooks, inside_transaction=False) }}
    {{ run_hooks(pre_hooks, inside_transaction=True) }}
    {% call statement('main') %}
        {% if old is not none %}drop {{ old.type }} {{ old }};{% endif %}
        {{ create_table_as(False, new, sql) if type == 'table' else create_view_as(new, sql) }}
    {% endcall %}
    {% do persist_docs(new, model) %}
    {{ run_hooks(post_hooks, inside_transaction=True) }}
    {% do adapter.commit() %}
    {{ run_hooks(post_hooks, inside_transaction=False) }}
    {{ return({'relations': [new]}) }}
{% endmacro %}

{% materialization table, adapter='duckdb' %}
    {{ return(leave_it() if is_as_it_was() else make_anew('table')) }}
{% endmaterialization %}

{% materialization view, adapter='duckdb' %}
    {{ return(leave_it() if is_as_it_was() else make_anew('view')) }}
{% endmaterialization %}

{# A landing model is as it was when no file is new. #}
{% materialization incremental, adapter='duckdb' %}
    {% if model.config.meta.reads %}
        {% set is_to_be_left = load_cached_relation(this) is not none and not new_files() %}
    {% else %}
        {% set is_to_be_left = is_as_it_was() %}
    {% endif %}
    {{ return(leave_it() if is_to_be_left else dbt.materialization_incremental_duckdb()) }}
{% endmaterialization %}

{% materialization seed, adapter='duckdb' %}
    {{ return(leave_it() if is_as_it_was() else dbt.materialization_seed_default()) }}
{% endmaterialization %}

{% materialization snapshot, adapter='duckdb' %}
    {{ return(leave_it() if is_as_it_was() else dbt.materialization_snapshot_default()) }}
{% endmaterialization %}
