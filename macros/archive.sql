{# Query: the records of all files in force of one kind of table, with their file.
   kind: of archive files, also the name of the source. Columns are text as delivered, by the vendor's names in lower case, letters and digits only. #}
{% macro archived_records(kind) -%}
    select files.file_id, files.source_file, files.kind, files.exported_at, files.export_date, files.is_date_from_name, records.*
    from {{ source('archive', kind) }} as records
    inner join {{ ref('stg_archive__files') }} as files on records.content_id = files.content_id
    where files.kind = '{{ kind }}' and files.is_in_force
{%- endmacro %}

{# Query: the items of all documents in force of one kind, with their file, and `properties`: what REST and the log nest, also as JSON in a string, and
   command lines lift to the item.  kind: as above.  mentions: SQL regular expression that an item must contain, or none: all items. #}
{% macro archived_items(kind, mentions=none) -%}
    {%- set nested %} coalesce({{ texts_of('item', ['properties', 'properties_d', 'property']) }}) {%- endset %}
    select
        *,
        case when json_valid({{ nested }}) and json_type({{ nested }}::json) = 'OBJECT' then {{ nested }}::json else item end as properties
    from (
        select
            files.file_id, files.source_file, files.exported_at, files.ids_in_path,
            items.line_number, items.item_number,
            -- Vendors vary the letter case of keys and ids: everything is compared in lower case (A1).
            {{ clean_json('lower(items.item)') }}::json as item,
            items.item as raw_text
        from {{ source('archived_documents', kind) }} as items
        inner join {{ ref('stg_archive__files') }} as files on items.content_id = files.content_id
        where files.kind = '{{ kind }}' and files.is_in_force
            {% if mentions %}and regexp_matches(items.item, '(?i){{ mentions }}'){% endif %}
    )
{%- endmacro %}

{# SQL list of the texts of JSON members, NULL where a member is absent, null or blank: in evidence an empty text is an absent value (A7).
   json: SQL.  paths: JSON paths below `$.` #}
{% macro texts_of(json, paths) -%}
    {% for path in paths %}nullif(trim({{ json }} ->> '$.{{ path }}'), ''){{ ', ' if not loop.last }}{% endfor %}
{%- endmacro %}

{# JSON text whose ids are as id_of() leaves them: no control or zero-width character, no byte-order mark, written out or as \uXXXX; no blanks
   beside a quote; no braces around a GUID.  json: SQL text in lower case. #}
{% macro clean_json(json) -%}
    {%- set blanks -%} (?:[\p{Z}\p{Cc}]|\\+[trn]|\\+u00a0)* {%- endset -%}
    regexp_replace(
        regexp_replace(
            regexp_replace({{ json }}, '[\x{200B}-\x{200D}\x{2060}\x{FEFF}]|\\+u(?:00[01][0-9a-f]|200[b-d]|2060|feff)', '', 'g'),
            '{{ blanks }}(\\*"){{ blanks }}', '\1', 'g'
        ),
        '\{([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\}', '\1', 'g'
    )
{%- endmacro %}

{# The time of a log's record as text, by the names that the shapes have for it.  record: SQL, JSON in lower case. #}
{% macro log_time_of(record) -%}
    coalesce({{ texts_of(record, ['eventtimestamp.value', 'eventtimestamp', 'time', 'timegenerated', '"timegenerated [utc]"']) }})
{%- endmacro %}

{# The readable records of a kind of partner_directory/ file, each once, as a relation. kind: of archive files.  columns: SQL, those to read. #}
{% macro directory_records(kind, columns) -%}
    (select distinct {{ columns }} from {{ ref('base_partner_directory') }} where kind = '{{ kind }}' and failure is null)
{%- endmacro %}

{# The fingerprint of a finding of data_quality_findings: an acknowledgement is of one finding.  check_name, item, facts: SQL. #}
{% macro finding_fingerprint(check_name, item, facts) -%}
    md5(concat_ws('|', {{ check_name }}, {{ item }}, {{ facts }}))
{%- endmacro %}
