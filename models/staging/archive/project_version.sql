-- Fingerprints of the project's own files: results of earlier rules are computed again (int_month_fingerprints). One row.
{%- set root = (invocation_args_dict.project_dir or '.') | string | replace("'", "''") %}
with files as (
    select
        replace(filename, '{{ root }}/', '') as path,
        sha256(content) as digest
    from read_blob(
        [
            {% for pattern in project_files() %}
                '{{ root }}/{{ pattern }}'{{ ',' if not loop.last }}
            {% endfor %}
        ]
    )
),

versions as (
    select
        starts_with(path, 'seeds/') as is_reference_data,
        -- Must equal pec/project.py, which detects a change without dbt.
        left(sha256(string_agg(path || ' ' || digest || chr(10), '' order by path)), 16) as version
    from files
    where not contains(path, '__pycache__')
    group by starts_with(path, 'seeds/')
)

select
    max(version) filter (where not is_reference_data) as rules_version,
    max(version) filter (where is_reference_data) as reference_data_version
from versions
