{#
    on-run-start: stops before anything is touched when the landing zone cannot be built from, with what to do about it.

    Checked are that the two folders without which nothing can be built hold files, and that every CSV or JSON-lines file that is new, or has
    changed, has the columns without which it says nothing (vars: needed_columns). Names are compared by letters and digits, without case.
    So is the warehouse, which an earlier version of the project may have laid out otherwise.
#}
{% macro check_landing_zone() %}
    {% if execute and flags.WHICH in ['build', 'run'] %}
        {% set zone = landing_zone() %}
        {% set landed = adapter.get_relation(target.database, 'landing', 'landing_daily_rated_usage') %}
        {# Asked by run_query(), which begins no transaction: what is made within one at the start of a run is undone. #}
        {% if landed is not none and not run_query("select 1 from (describe " ~ landed ~ ") where column_name = 'bill_key'").rows %}
            {% do exceptions.raise_compiler_error(
                "The warehouse " ~ target.path ~ " was built by an earlier version of this project, which landed usage in other columns. "
                ~ "Name a new file in PEC_WAREHOUSE, or move this one away, and build: the landing zone is read again (CHANGELOG). "
                ~ "Keep the old file: it has the history of statements, and what is no longer in the landing zone. Nothing was built."
            ) %}
        {% endif %}
        {% set charges = adapter.get_relation(target.database, 'intermediate', 'int_charge_lines') %}
        {% if charges is not none and not should_full_refresh() and not run_query("select 1 from (describe " ~ charges ~ ") where column_name = 'is_tiered'").rows %}
            {% do exceptions.raise_compiler_error(
                "The warehouse " ~ target.path ~ " was built by an earlier version of this project: run `dbt build --full-refresh` once (CHANGELOG). "
                ~ "Files are not read again, and history is kept. Nothing was built."
            ) %}
        {% endif %}
        {% for folder in ['daily_rated_usage', 'price_sheet'] %}
            {% if not holds_files(zone, folder) %}
                {% do exceptions.raise_compiler_error(
                    "The landing zone " ~ zone ~ " does not exist or holds no files in " ~ folder ~ "/. "
                    ~ "Set PEC_LANDING_ZONE to the folder with your exports (README, «Your own exports»), or unset it to build the sample. Nothing was built."
                ) %}
            {% endif %}
        {% endfor %}
        {% for file in files_to_check(zone) %}
            {% set line = run_query("select line from " ~ first_lines(file[0]) ~ " limit 1").rows %}
            {% set header = normalised_names(line[0][0] if line else '') %}
            {% for names in var('needed_columns')[file[1]] if normalised_names(names | replace('|', ',')) | select('in', header) | list | length == 0 %}
                {% do exceptions.raise_compiler_error(
                    file[0] ~ ": the needed column " ~ (names | replace('|', ' or ')) ~ " is missing. "
                    ~ "Export the file again with all columns (billing API: attributeSet full; Partner Center: the original, not an edited file), "
                    ~ "or put the header line right. Nothing was built."
                ) %}
            {% endfor %}
        {% endfor %}
    {% endif %}
{% endmacro %}

{# The folder with the exports, as a path for DuckDB and for messages. #}
{% macro landing_zone() %}
    {{ return((env_var('PEC_LANDING_ZONE', '') or 'seeds/landing_zone').rstrip('/') | replace("'", "''")) }}
{% endmacro %}

{# Whether a folder of the landing zone holds any file. #}
{% macro holds_files(zone, folder) %}
    {{ return(run_query("select 1 from glob('" ~ zone ~ "/" ~ folder ~ "/**') limit 1").rows | length > 0) }}
{% endmacro %}

{# Names in a header line (or keys and values of a JSON object, which do no harm), by letters and digits in lower case, as a list. #}
{% macro normalised_names(line) %}
    {{ return(modules.re.sub('[^a-z0-9,]', '', (line or '') | lower | replace(':', ',')).split(',')) }}
{% endmacro %}

{# A scan of the first lines of a file, of which the column is `line`. #}
{% macro first_lines(path) %}
    {{ return(
        "read_csv('" ~ (path | replace("'", "''")) ~ "', auto_detect = false, header = false, delim = e'\\x01', quote = '', escape = '', "
        ~ "columns = {'line': 'VARCHAR'}, strict_mode = false, ignore_errors = true, max_line_size = 1000000)"
    ) }}
{% endmacro %}

{# Files whose header is looked at, as (path, kind): of a kind with needed columns, and not in the manifest as they are now. #}
{% macro files_to_check(zone) %}
    {% set manifest = adapter.get_relation(target.database, 'landing', 'landing_files') %}
    {# A kind has the name of its folder, or is a file of the partner directory. Thousands of JSON files beside them are not looked at here. #}
    {% set patterns = [] %}
    {% for folder in var('needed_columns') | list + ['partner_directory'] if holds_files(zone, folder) %}
        {% do patterns.append(zone ~ '/' ~ folder ~ '/**') %}
    {% endfor %}
    {% set query %}
        with found as (
            select
                filename,
                size,
                last_modified::timestamp as modified_at,
                lower(filename[length('{{ zone }}') + 2:]) as source_file,
                split_part(source_file, '/', 1) as folder,
                case when folder = 'partner_directory' then regexp_replace(source_file, '^.*/|\.csv$', '', 'g') else folder end as kind
            from read_blob([{{ in_quotes(patterns) }}])
        )

        select filename, kind
        from found
        where
            kind in ('{{ var('needed_columns') | join("', '") }}')
            and regexp_matches(source_file, '\.(csv|csv\.gz|jsonl|jsonl\.gz|json\.gz)$')
            and (size > 0 or folder in ('daily_rated_usage', 'price_sheet'))
            {% if manifest %}
                and (source_file, size, date_trunc('second', modified_at)) not in (
                    select (lower(f.source_file), f.size_bytes, date_trunc('second', f.modified_at)) from {{ manifest }} as f
                )
            {% endif %}
        order by filename
    {% endset %}
    {{ return(run_query(query).rows) }}
{% endmacro %}
