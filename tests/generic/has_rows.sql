{# A floor under the other tests: fails when the relation has fewer rows than at_least, so that nothing passes because it was empty. #}
{% test has_rows(model, at_least=1) %}
    select row_count
    -- No more are counted than are asked for: views over millions of lines are not looked through.
    from (select count(*) as row_count from (select 1 from {{ model }} limit {{ at_least }}))
    where row_count < {{ at_least }}
{% endtest %}
