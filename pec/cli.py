"""The command `pec`. Each subcommand is a function with its arguments; add one to COMMANDS."""

import argparse
import sys

from pec import archive, check, night, places, publication


def main(arguments=None):
    """Runs `pec`; returns its exit code: 0, 1 when something is wrong, 2 for wrong arguments. arguments: default, those of the process."""
    parser = argparse.ArgumentParser(prog="pec", description="Azure partner earned credit: commands beside dbt build")
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")
    for add in COMMANDS:
        add(commands)
    options = parser.parse_args(arguments)
    try:
        return options.run(options) or 0
    except (archive.ArchiveError, publication.PublicationError) as error:
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
    parser.set_defaults(run=lambda options: night.night(options.always))


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
    for row in publication.listing(publication.Places(places.archive(), places.published())):
        print(row["publication_id"], row["status"], row["published_at"], row["rows"], row["landing_zone"], sep="\t")


def run_rollback(options):
    """pec rollback: names the publication that is current now."""
    found = publication.Places(places.archive(), places.published())
    print(f"{found.link} is publication {publication.rollback(found, options.publication_id)} now. The next whole build publishes again.")


COMMANDS = [add_archive, add_check, add_night, add_publications, add_rollback]

if __name__ == "__main__":
    sys.exit(main())
