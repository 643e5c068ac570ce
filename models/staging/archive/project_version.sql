-- Fingerprints of the project's own files and of the variables that change numbers (pec/project.py), which the plugin sets as variables: results of
-- earlier rules are computed again (int_month_fingerprints). One row.
{% set no_plugin = "error('the fingerprints are not set: install pec of this folder (make build)')" %}
select
    coalesce(getvariable('pec_rules_version'), {{ no_plugin }})::varchar as rules_version,
    coalesce(getvariable('pec_reference_data_version'), {{ no_plugin }})::varchar as reference_data_version,
    coalesce(getvariable('pec_settings_version'), {{ no_plugin }})::varchar as settings_version
