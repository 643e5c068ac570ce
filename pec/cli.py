"""The command `pec`. Each subcommand is a function with its arguments; add one to COMMANDS."""

import argparse
import os
import sys

from pec import acknowledgements, archive, build_lock, check, modes, night, places, privacy, project, publication, report, unite
from pec.questions import commands as questions
from pec.questions.published import QuestionError
from pec.report import source


def main(arguments=None):
    """Runs `pec`; returns its exit code: 0, 1 when something is wrong, 2 for wrong arguments; of `pec night` see night.py.

    arguments: default, those of the process.
    """
    parser = argparse.ArgumentParser(prog="pec", description="Azure partner earned credit: commands beside dbt build")
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")
    for add in COMMANDS:
        add(commands)
    options = parser.parse_args(arguments)
    try:
        modes.tighten()
        privacy.mode()
    except ValueError as error:
        parser.error(str(error))
    try:
        return options.run(options) or 0
    except (
        archive.ArchiveError, publication.PublicationError, build_lock.WarehouseError, project.ProjectError, source.NoReport, unite.UniteError, QuestionError
    ) as error:  # fmt: skip
        print(f"pec: {error}", file=sys.stderr)
        return 1
    except BrokenPipeError:
        return 0


def add_archive(commands):
    """Adds `pec archive` to a set of subcommands."""
    parser = commands.add_parser("archive", help="what was read of the landing zone, and whether it is intact")
    actions = parser.add_subparsers(title="actions", required=True, metavar="ACTION")
    shared = argparse.ArgumentParser(add_help=False)
    shared.add_argument("--archive", default=places.archive(), help="folder of the archive (default: %(default)s)")

    action = actions.add_parser("list", parents=[shared], help="list each version of each file")
    action.add_argument("--kind", help="of this kind only")
    action.add_argument("--problems", action="store_true", help="only what could not be archived, or not wholly")
    action.set_defaults(run=run_list)

    action = actions.add_parser("verify", parents=[shared], help="compare all files with their digests")
    action.set_defaults(run=run_verify)

    action = actions.add_parser("export", parents=[shared], help="write a content as CSV or JSON")
    action.add_argument("content_id", help="of pec archive list")
    action.add_argument("target", help="file to write")
    action.set_defaults(run=run_export)

    action = actions.add_parser("forget", parents=[shared], help="accept that contents are lost, and build without them")
    action.add_argument("content_ids", nargs="+", metavar="CONTENT_ID", help="as a build names them")
    action.set_defaults(run=run_forget)

    action = actions.add_parser("move", parents=[shared], help="confirm that the landing zone was moved")
    action.add_argument("--zone", required=True, help="its folder now")
    action.set_defaults(run=run_move)


def run_list(options):
    """pec archive list: one line for each observation, tabs between its fields."""
    print("number", "content_id", "kind", "exported_at", "records", "rejected", "held", "source_file", "problem", sep="\t")
    for row in archive.listing(options.archive):
        if options.kind not in (None, row["kind"]) or options.problems and not (row["problem"] or row["rejected"]):
            continue
        held = "yes" if row["is_held"] else "no"
        fields = [row["observation_number"], row["content_id"], row["kind"], row["exported_at"], row["records"], row["rejected"], held]
        print(*("" if field is None else field for field in [*fields, row["source_file"], row["problem"]]), sep="\t")


def run_verify(options):
    """pec archive verify: says what is damaged; fails when something is."""
    problems = archive.verify(options.archive)
    for problem in problems:
        print(problem, file=sys.stderr)
    print(f"{options.archive}: {len(problems)} damaged" if problems else f"{options.archive}: intact")
    return 1 if problems else 0


def run_export(options):
    """pec archive export: writes a content to a file."""
    count = archive.export(options.archive, options.content_id, options.target)
    print(f"{count} written to {options.target}")


def run_forget(options):
    """pec archive forget: writes down that contents are lost for good."""
    archive.forget(options.archive, options.content_ids)
    print(f"{options.archive} goes on without {', '.join(options.content_ids)}. A file with the same content in the landing zone brings it back.")


def run_move(options):
    """pec archive move: writes the landing zone's new path into the archive."""
    archive.move(options.archive, options.zone)
    print(f"{options.archive} belongs to {options.zone}")


def add_night(commands):
    """Adds `pec night` to a set of subcommands."""
    parser = commands.add_parser("night", help="build when there is news: what a scheduler runs")
    parser.add_argument("--always", action="store_true", help="build in any case")
    parser.add_argument("--vars", metavar="YAML", type=yaml_variables, help="variables for dbt build, such as '{claim_days: 90}'")
    parser.add_argument(
        "--stale-days", metavar="N", type=int, default=os.environ.get("PEC_STALE_DAYS") or night.STALE_DAYS,
        help="warn when the newest export is older than N days, 0 for never (PEC_STALE_DAYS; default: %(default)s)",
    )  # fmt: skip
    parser.set_defaults(run=lambda options: night.night(options.always, options.vars, options.stale_days))


def yaml_variables(text):
    """The text of --vars, as it is, if it can be understood. argparse.ArgumentTypeError: it cannot."""
    try:
        project.variables(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from error
    return text


def add_check(commands):
    """Adds `pec check` to a set of subcommands."""
    parser = commands.add_parser("check", help="what the landing zone holds and lacks; changes nothing")
    parser.add_argument("--zone", default=places.landing_zone(), help="folder of the exports (default: %(default)s)")
    parser.set_defaults(run=lambda options: check.check(options.zone, places.archive(), places.warehouse()))


def add_publications(commands):
    """Adds `pec publications` to a set of subcommands."""
    parser = commands.add_parser("publications", help="list what was published, newest first")
    parser.set_defaults(run=run_publications)


def add_rollback(commands):
    """Adds `pec rollback` to a set of subcommands."""
    parser = commands.add_parser("rollback", help="let PEC_PUBLISHED name an earlier publication; the history forgets the later ones")
    parser.add_argument("publication_id", nargs="?", help="of pec publications (default: the one before the current one)")
    parser.set_defaults(run=run_rollback)


def run_publications(options):
    """pec publications: one line for each, tabs between its fields."""
    print("publication_id", "status", "published_at", "rows", "landing_zone", sep="\t")
    found = publication.listing(publication.Places(places.archive(), places.published()))
    if not found:
        print(f"nothing is published at {places.published()} yet; run make night, or set PEC_PUBLISHED and PEC_ARCHIVE", file=sys.stderr)
    for row in found:
        print(row["publication_id"], row["status"], row["published_at"], row["rows"], row["landing_zone"], sep="\t")


def run_rollback(options):
    """pec rollback: names the publication that is current now."""
    found = publication.Places(places.archive(), places.published())
    with build_lock.take(places.warehouse()):
        print(f"{found.link} is publication {publication.rollback(found, options.publication_id)} now. The next whole build publishes again.")


def add_acknowledge(commands):
    """Adds `pec acknowledge` to a set of subcommands."""
    parser = commands.add_parser("acknowledge", help="let a finding of marts.data_quality pass")
    parser.add_argument("check", help="name of the check")
    parser.add_argument("item", help="what it found something about, as in marts.data_quality_findings")
    parser.add_argument("--note", help="why it may pass")
    parser.set_defaults(run=run_acknowledge)


def run_acknowledge(options):
    """pec acknowledge: writes into the archive that a finding may pass."""
    print(acknowledgements.acknowledge(places.warehouse(), places.archive(), options.check, options.item, options.note))


def add_report(commands):
    """Adds `pec report` to a set of subcommands."""
    parser = commands.add_parser("report", help="write the report of the newest whole build as one HTML file, marked HELD if checks hold it")
    parser.add_argument("--output", default=os.path.join("target", "report.html"), metavar="FILE", help="file to write (default: %(default)s)")
    parser.set_defaults(run=run_report)


def run_report(options):
    """pec report: writes the file, and says of which build it is."""
    database, held, is_published = source.choose(places.warehouse(), places.archive(), places.published())
    os.makedirs(os.path.dirname(options.output) or ".", exist_ok=True)
    # What is published has its names as it may show them; the working file has them all.
    names = privacy.FULL if is_published else privacy.mode()
    report.write(database, options.output, held, names, places.archive())
    print(f"{options.output}: {'the publication ' + os.path.dirname(database) if is_published else f'NOT PUBLISHED, {database}. {held}'}")


def add_unite(commands):
    """Adds `pec unite` to a set of subcommands."""
    parser = commands.add_parser("unite", help="make one folder of what the warehouses of several partner tenants published")
    parser.add_argument("united", metavar="UNITED", help="link to write, such as /srv/pec/all.published")
    parser.add_argument("published", nargs="+", metavar="PUBLISHED", help="published folder of a warehouse; two or more")
    parser.set_defaults(run=run_unite)


def run_unite(options):
    """pec unite: says what was united."""
    rows = unite.unite(options.united, options.published)
    print(f"United: {options.united}, {len(rows)} marts of {len(options.published)} warehouses, {rows['fct_pec_charges_daily']} usage lines.")


COMMANDS = [add_acknowledge, add_archive, add_check, add_night, add_publications, add_report, add_rollback, add_unite, *questions.COMMANDS]

if __name__ == "__main__":
    sys.exit(main())
