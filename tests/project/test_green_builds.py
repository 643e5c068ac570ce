"""Only whole green builds publish: builds of the sample, red and in part."""

import shutil

import pytest
from project import warehouse as w


def test_only_whole_green_builds_publish(sample, tmp_path):
    zone, folder = w.SAMPLE, tmp_path / "build"
    w.moved_copy(sample, zone, folder)
    places = w.publications_of(folder / "warehouse.duckdb")
    before = places.committed(), places.current()
    for command in (["build", "--select", "pec_monthly_statement"], ["compile"], ["test", "--select", "pec_monthly_statement"],
                    ["show", "--inline", "select 1"], ["build", "--empty", "--exclude-resource-type", "unit_test", "test"]):  # fmt: skip
        w.build(zone, folder, *command)
        assert (places.committed(), places.current()) == before, command


def test_a_red_build_publishes_nothing_and_leaves_no_history_and_the_next_green_one_does(tmp_path):
    """Amounts change, and a test is red: what is published stays, and the restatement is there once, as of the build that was published."""
    zone, folder = tmp_path / "zone", tmp_path / "build"
    shutil.copytree(w.SAMPLE, zone)
    project = w.copy_of_project(tmp_path / "project")
    places = w.publications_of(folder / "warehouse.duckdb")
    w.build(zone, folder, project=project)
    links = zone / "partner_directory" / "partner_id_links.csv"
    head, _, *others = links.read_text().splitlines(keepends=True)
    links.write_text("".join([head, *others]))
    before = places.committed(), places.current()
    (project / "tests" / "red.sql").write_text("select * from {{ ref('pec_monthly_statement') }}")
    with pytest.raises(AssertionError, match="red"):
        w.build(zone, folder, project=project)
    assert (places.committed(), places.current()) == before
    (project / "tests" / "red.sql").unlink()
    warehouse = w.build(zone, folder, project=project)
    assert len(places.committed()) == len(before[0]) + 1 and places.current() == places.committed()[-1]
    restated = w.query(warehouse, "select strftime(restated_at, '%Y%m%dT%H%M%S%f') as publication_id, cause from marts.pec_restatements group by all")
    assert restated == [{"publication_id": places.current(), "cause": "directory"}]
