{#
    How landing models read files: which are new, one strict CSV scan per file, and where lines go that do not parse.
#}

{#
    The files of some kinds that this landing model has not read yet, as dictionaries with file_id, digest, kind, reader, read_path, header (a list), plain_bytes.

    condition: SQL over the columns of landing_files.  Empty while dbt only parses or compiles without a warehouse.
#}
{% macro new_files(condition) %}
    {% set manifest = ref('landing_files') %}
    {% if not execute or load_relation(manifest) is none %}{{ return([]) }}{% endif %}
    {% set query %}
        select file_id, digest, kind, reader, read_path, array_to_string(header, ',') as header, plain_bytes
        from {{ manifest }}
        where is_present and problem is null and {{ condition }}
        {% if load_relation(this) is not none %}
            and (file_id, digest) not in (select (file_id, digest) from (select distinct file_id, digest from {{ this }}))
        {% endif %}
        order by source_file
    {% endset %}
    {% set files = [] %}
    {% for row in run_query(query).rows %}
        {% do files.append(dict(row.dict(), header=(row.header or '').split(','))) %}
    {% endfor %}
    {{ return(files) }}
{% endmacro %}

{#
    A strict scan of one CSV file: every column as text, under the names of its own header line; malformed lines go to a reject table.

    file: a row of new_files().  Column names are those of the manifest's header (letters and digits, lower case).
#}
{% macro csv_scan(file) %}
    read_csv(
        '{{ file.read_path | replace("'", "''") }}', auto_detect = false, header = true, delim = ',', quote = '"', escape = '"',
        columns = { {%- for name in file.header %}'{{ name }}': 'VARCHAR'{{ ', ' if not loop.last }}{% endfor -%} },
        strict_mode = true, store_rejects = true, rejects_table = '{{ this.identifier }}_rejects', rejects_scan = '{{ this.identifier }}_scans'
    )
{% endmacro %}

{#
    A scan of one text file by lines: the only column is `line`. Lines that are no UTF-8 go to the reject table.

    file: a row of new_files().
#}
{% macro line_scan(file) %}
    read_csv(
        '{{ file.read_path | replace("'", "''") }}', auto_detect = false, header = false, delim = e'\x01', quote = '', escape = '',
        columns = {'line': 'VARCHAR'}, strict_mode = false, max_line_size = {{ [file.plain_bytes | int + 16, 2097152] | max }},
        store_rejects = true, rejects_table = '{{ this.identifier }}_rejects', rejects_scan = '{{ this.identifier }}_scans'
    )
{% endmacro %}

{# Where lines that no reader could split into columns are kept: with the database's name, since that may be any, `landing` included. #}
{% macro rejected_lines() -%}
    {{ api.Relation.create(database=target.database, schema='landing', identifier='rejected_lines') }}
{%- endmacro %}

{# The table of lines that no reader could split into columns; it is kept, like all landing tables, and read by rejected_rows. #}
{% macro create_rejected_lines() %}
    create table if not exists {{ rejected_lines() }} (
        landing_model varchar, file_id varchar, digest varchar, line_number bigint, column_name varchar, reason varchar, raw_text varchar
    )
{% endmacro %}

{# Pre-hook of a landing model that scans files: a scan's reject tables live as long as the connection, so the last run's go first. #}
{% macro forget_rejected_lines() %}
    drop table if exists {{ this.identifier }}_rejects;
    drop table if exists {{ this.identifier }}_scans;
{% endmacro %}

{#
    Post-hook of a landing model that scans files: keeps the malformed lines, and moves the numbers of the rows behind them.

    DuckDB numbers rejected lines by record, the header being 1; the rows that it delivers are counted without them. A row is behind
    the k-th reject, of line L, when it is not among the L - 1 - k good rows before that.
#}
{% macro keep_rejected_lines() %}
    {% set query = "select count(*) from duckdb_tables() where table_name = '" ~ this.identifier ~ "_rejects'" %}
    {% if execute and run_query(query).rows[0][0] %}
        {% set has_header = 0 if this.identifier == 'landing_json_items' else 1 %}
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
                select line_number - {{ has_header }} - row_number() over (order by line_number) as rows_before
                from {{ rejected_lines() }}
                where file_id = t.file_id and digest = t.digest
            )
            where rows_before < t.line_number - {{ has_header }}
        )
        where t.file_id in (
            select f.file_id from {{ ref('landing_files') }} as f join {{ this.identifier }}_scans as s on f.read_path = s.file_path
        ) and t.file_id in (select file_id from {{ rejected_lines() }} where landing_model = '{{ this.identifier }}');
    {% endif %}
{% endmacro %}
