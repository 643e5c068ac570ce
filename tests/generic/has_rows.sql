{#
    A floor under the other tests: fails when the relation has fewer rows than at_least, so that nothing passes because it was empty.

    after_landed_files: as of unique_grain.
    of_changed_months: the relation holds rows of the months that this build makes again, and may be empty when none of them has usage.
#}
{% test has_rows(model, at_least=1, of_changed_months=false, after_landed_files=false) %}
    {% if after_landed_files %}-- depends_on: {{ ref('landed_files') }}{% endif %}
    select row_count
    -- Counts at most at_least rows: views over millions of lines are not scanned.
    from (select count(*) as row_count from (select 1 from {{ model }} limit {{ at_least }}))
    where
        row_count < {{ at_least }}
        {% if of_changed_months %}
            and exists (select 1 from {{ ref('int_month_fingerprints') }} as months where {{ is_in_changed_month('months.billing_month') }})
        {% endif %}
{% endtest %}
