{# A floor under the other tests: fails when the relation has fewer rows than at_least, so that nothing passes because it was empty. #}
{% test has_rows(model, at_least=1) %}
    select row_count
    from (select count(*) as row_count from {{ model }})
    where row_count < {{ at_least }}
{% endtest %}
