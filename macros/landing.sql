{#
    How landing models read files: which are new, one strict scan of all that share a header, and where lines go that do not parse.

    A landing model names the files that it reads in its config, meta: {reads: SQL over the columns of landing_files}.
#}

{#
    The files that this landing model has not read yet, as dictionaries with file_id, digest, kind, reader, read_path, header (names, comma), plain_bytes.

    Empty while dbt only parses or compiles without a warehouse.
#}
{% macro new_files() %}
    {% set manifest = ref('landing_files') %}
    {% if not execute or load_relation(manifest) is none %}{{ return([]) }}{% endif %}
    {% set query %}
        select file_id, digest, kind, reader, read_path, array_to_string(header, ',') as header, plain_bytes
        from {{ manifest }}
        where
            is_present and problem is null and {{ model.config.meta.reads }}
            {% if load_relation(this) is not none %}
                and (file_id, digest) not in (select (r.file_id, r.digest) from {{ files_read() }} as r where r.model = '{{ this.identifier }}')
            {% endif %}
        order by source_file
    {% endset %}
    {% set files = [] %}
    {% for row in run_query(query).rows %}{% do files.append(row.dict()) %}{% endfor %}
    {{ return(files) }}
{% endmacro %}

{#
    A strict scan of CSV files with one header: every column as text, under the names of that header; malformed lines go to a reject table.

    files: rows of new_files() with the same header.  The virtual column file_index says which of them a row is of, from 0 on.
#}
{% macro csv_scan(files) %}
    read_csv(
        {{ paths_of(files) }}, auto_detect = false, header = true, delim = ',', quote = '"', escape = '"',
        columns = { {%- for name in files[0].header.split(',') %}'{{ name }}': 'VARCHAR'{{ ', ' if not loop.last }}{% endfor -%} },
        strict_mode = true, {{ rejects() }}
    )
{% endmacro %}

{# A scan of text files by lines: the only column is `line`. Lines that are no UTF-8 go to the reject table. files: rows of new_files(). #}
{% macro line_scan(files) %}
    read_csv(
        {{ paths_of(files) }}, auto_detect = false, header = false, delim = e'\x01', quote = '', escape = '', columns = {'line': 'VARCHAR'},
        strict_mode = false, max_line_size = {{ [(files | map(attribute='plain_bytes') | max | int) + 16, 2097152] | max }}, {{ rejects() }}
    )
{% endmacro %}

{# The paths of files as a SQL list. files: rows of new_files(). #}
{% macro paths_of(files) -%}
    [{{ in_quotes(files | map(attribute='read_path') | map('replace', "'", "''")) }}]
{%- endmacro %}

{# A column of new_files(), of the file that a row of csv_scan() or line_scan() is from. files: as in the scan.  name: of the column. #}
{% macro of_file(files, name) -%}
    [{{ in_quotes(files | map(attribute=name)) }}][file_index::integer + 1]
{%- endmacro %}

{# Options of a scan: malformed lines go to tables of the connection, named after the model. #}
{% macro rejects() -%}
    store_rejects = true, rejects_table = '{{ this.identifier }}_rejects', rejects_scan = '{{ this.identifier }}_scans'
{%- endmacro %}

{# Where lines that no reader could split into columns are kept: with the database's name, since that may be any, `landing` included. #}
{% macro rejected_lines() -%}
    {{ api.Relation.create(database=target.database, schema='landing', identifier='rejected_lines') }}
{%- endmacro %}

{# What models that read files one by one have read: written with their rows, in one transaction. #}
{% macro files_read() -%}
    {{ api.Relation.create(database=target.database, schema='landing', identifier='files_read') }}
{%- endmacro %}

{# on-run-start: the side tables of models that read files, and of tests by day; they are kept, like all landing tables. #}
{% macro create_side_tables() %}
    create table if not exists {{ rejected_lines() }} (
        landing_model varchar, file_id varchar, digest varchar, line_number bigint, column_name varchar, reason varchar, raw_text varchar
    );
    create table if not exists {{ files_read() }} (model varchar, file_id varchar, digest varchar, row_count bigint);
    create table if not exists {{ days_checked() }} (test varchar, usage_date date, input_version ubigint);
    {{ create_usage_dictionaries() }}
    {{ create_relations_made() }}
{% endmacro %}

{#
    Pre-hook of a landing model: the earlier versions of files that are read again go, what a run that broke off had landed, and the connection's reject
    tables of the last run. Until they are read again such files are not told as read, in whatever version they come then.
#}
{% macro before_reading() %}
    drop table if exists {{ this.identifier }}_rejects;
    drop table if exists {{ this.identifier }}_scans;
    {% if load_relation(this) is none %}
        delete from {{ files_read() }} where model = '{{ this.identifier }}';
    {% else %}
        delete from {{ files_read() }}
        where model = '{{ this.identifier }}' and file_id in ({{ in_quotes(new_files() | map(attribute="file_id")) }});
        delete from {{ this }} where file_id not in (select r.file_id from {{ files_read() }} as r where r.model = '{{ this.identifier }}');
    {% endif %}
{% endmacro %}

{# Post-hook of a landing model: lines get their numbers, malformed ones are kept, and the files are told as read. #}
{% macro after_reading() %}
    {% set files = new_files() %}
    {% if files %}
        {{ number_lines() }}
        {{ keep_rejected_lines() }}
        delete from {{ files_read() }} where model = '{{ this.identifier }}' and file_id in ({{ in_quotes(files | map(attribute="file_id")) }});
        insert into {{ files_read() }}
        select '{{ this.identifier }}', f.file_id, f.digest, count(t.file_id)
        from {{ ref('landing_files') }} as f
        left join {{ this }} as t on f.file_id = t.file_id
        where f.file_id in ({{ in_quotes(files | map(attribute="file_id")) }})
        group by f.file_id, f.digest;
    {% endif %}
{% endmacro %}

{#
    Numbers the rows of CSV files, in the order in which they were read, the header being 1.

    Done here, because counting within the scan would keep it to one thread. New rows stand behind each other in their file's order:
    DuckDB keeps it (preserve_insertion_order, profiles.yml).
#}
{% macro number_lines() %}
    update {{ this }} as t
    set line_number = t.rowid - f.first_row + 2
    from (select file_id, min(rowid) as first_row from {{ this }} where line_number is null group by file_id) as f
    where t.file_id = f.file_id and t.line_number is null;
{% endmacro %}

{#
    Keeps the malformed lines of the scan, and moves the numbers of the rows behind them.

    DuckDB numbers rejected lines by record, the header being 1; the rows that it delivers are counted without them. A row is behind
    the k-th reject, of line L, when it is not among the L - 1 - k good rows before that.
#}
{% macro keep_rejected_lines() %}
    {% set query = "select count(*) from duckdb_tables() where table_name = '" ~ this.identifier ~ "_rejects'" %}
    {% if execute and run_query(query).rows[0][0] %}
        delete from {{ rejected_lines() }}
        where
            landing_model = '{{ this.identifier }}'
            and file_id in (select f.file_id from {{ ref('landing_files') }} as f join {{ this.identifier }}_scans as s on f.read_path = s.file_path);
        insert into {{ rejected_lines() }}
        select
            '{{ this.identifier }}', f.file_id, f.digest, r.line, arg_min(r.column_name, r.line_byte_position),
            lower(min(r.error_type::varchar)) || ': ' || min(r.error_message), trim(min(r.csv_line), e'\r\n')
        from {{ this.identifier }}_rejects as r
        join {{ this.identifier }}_scans as s on r.scan_id = s.scan_id and r.file_id = s.file_id
        join {{ ref('landing_files') }} as f on s.file_path = f.read_path
        group by f.file_id, f.digest, r.line;
        update {{ this }} as t
        set line_number = t.line_number + (
            select count(*)
            from (
                select
                    r.file_id,
                    (f.reader = 'csv')::integer as header_lines,
                    r.line_number - header_lines - row_number() over (partition by r.file_id order by r.line_number) as rows_before
                from {{ rejected_lines() }} as r
                join {{ ref('landing_files') }} as f on r.file_id = f.file_id
                where r.landing_model = '{{ this.identifier }}'
            ) as places
            where places.file_id = t.file_id and places.rows_before < t.line_number - places.header_lines
        )
        where t.file_id in (
            select f.file_id from {{ ref('landing_files') }} as f join {{ this.identifier }}_scans as s on f.read_path = s.file_path
        ) and t.file_id in (select file_id from {{ rejected_lines() }} where landing_model = '{{ this.identifier }}');
    {% endif %}
{% endmacro %}

{#
    Whether a line is of a usage file that this incremental model has not met yet in its landed version, as a SQL condition on a file_id.

    All are new to a model that is built anew.
    file_id: SQL column.
#}
{% macro is_of_new_file(file_id) -%}
    {% if is_incremental() %}{{ file_id }} in ({{ in_quotes(landed_files_new_to_this()) }}){% else %}true{% endif %}
{%- endmacro %}

{# The ids of landed usage files that this incremental model has not met yet, as a list. #}
{% macro landed_files_new_to_this() %}
    {% set query %}
        select r.file_id
        from {{ files_read() }} as r
        where
            r.model = 'landing_daily_rated_usage'
            and (r.file_id, r.digest) not in (select (m.file_id, m.digest) from {{ files_read() }} as m where m.model = '{{ this.identifier }}')
        order by r.file_id
    {% endset %}
    {{ return(run_query(query).columns[0].values() | list if execute else []) }}
{% endmacro %}

{# A list of names as SQL text in quotes, '' when it is empty: to stand behind IN. #}
{% macro in_quotes(names) -%}
    '{{ names | join("', '") }}'
{%- endmacro %}

{# Pre-hook of an incremental model with rows per usage file: those of the files that it meets anew go. #}
{% macro forget_files() %}
    {% if is_incremental() %}
        delete from {{ this }} where file_id in ({{ in_quotes(landed_files_new_to_this()) }});
    {% endif %}
{% endmacro %}

{# Post-hook of an incremental model that reads usage file by file: it has now met all that landed. #}
{% macro remember_files() %}
    delete from {{ files_read() }} where model = '{{ this.identifier }}';
    insert into {{ files_read() }}
    select '{{ this.identifier }}', file_id, digest, null from {{ files_read() }} where model = 'landing_daily_rated_usage';
{% endmacro %}

{#
    The ids of usage files of which not every accepted line is charged, as a list: some are beyond the marts' types. Nearly always none: then nothing
    is scanned for them.
#}
{% macro files_not_charged_whole() %}
    {% if not execute or load_relation(ref('int_charge_lines')) is none %}{{ return([]) }}{% endif %}
    {% set query %}
        with charged as (select file_id, count(*) as line_count from {{ ref('int_charge_lines') }} group by file_id)
        select slices.file_id
        from {{ ref('int_usage_slices_current') }} as slices
        left join charged on slices.file_id = charged.file_id
        group by slices.file_id, charged.line_count
        having sum(slices.line_count) > coalesce(charged.line_count, 0)
        order by slices.file_id
    {% endset %}
    {{ return(run_query(query).columns[0].values() | list) }}
{% endmacro %}

{#
    Materialization of the manifest, a Python model that reads the list as it stands and returns the whole of the new one, what has gone included.
    (As an incremental model it would need dbt's own materialization, which this project wraps for SQL: macros/as_it_was.sql.)
#}
{% materialization file_list, adapter='duckdb', supported_languages=['python'] %}
    {% set list = this.incorporate(type='table') %}
    {% set new = make_intermediate_relation(list) %}
    {{ drop_relation_if_exists(load_cached_relation(new)) }}
    {% call statement('main', language='python') -%}
        {{ create_table_as(False, new, compiled_code, 'python') }}
    {%- endcall %}
    {# In one transaction, which dbt's own ways to drop and rename do not begin: the list is all that tells of files that have gone. #}
    {% call statement('replace') %}
        drop table if exists {{ list }};
        alter table {{ new }} rename to {{ list.identifier }};
    {% endcall %}
    {{ run_hooks(post_hooks, inside_transaction=True) }}
    {% do adapter.commit() %}
    {{ return({'relations': [list]}) }}
{% endmaterialization %}
