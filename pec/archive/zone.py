"""What files the landing zone holds. Nothing is opened here: names, folders and what os.stat() says."""

import difflib
import os
import re
import stat as stats
from dataclasses import dataclass, replace

from pec import kinds
from pec.archive import names

MANIFEST_NAME = re.compile(r"_*manifest([^a-z].*)?\.json")
EXCEL = (".xlsx", ".xls", ".xlsm", ".xlsb")


@dataclass(frozen=True)
class Candidate:
    """A path of the landing zone.

    path: absolute.  source_file: as the manifest names it.  folder: the landing folder.  stat: of the file, or None.
    problem: why it is not opened, or None.
    """

    path: str
    source_file: str
    folder: str
    stat: os.stat_result | None
    problem: str | None = None


def look(zone):
    """All candidates of a landing zone, by folder and name. zone: an absolute path of a folder.

    Hidden files and folders (a dot first) are no exports. Links are followed; each real folder is entered once, by its own path
    before any link to it, so that a link to a folder above ends nowhere.
    """
    found = []
    for entry in sorted(os.scandir(zone), key=lambda entry: os.fsencode(entry.name)):
        if entry.name.startswith("."):
            continue
        if entry.name in kinds.FOLDERS:
            found += files_below(zone, entry.path, entry.name)
        else:
            candidate = of_file(zone, entry.path, entry.name)
            found.append(replace(candidate, problem=unclaimed(entry.name)))
    return found


def unclaimed(name):
    """The problem of a file or folder of the zone that no kind reads, with what may have been meant."""
    plain = names.unwrapped_name(name)
    return f"no kind of file is read from {printable(name)}; {meant(plain)}" + ("; save it as CSV" if plain.endswith(EXCEL) else "")


def meant(name):
    """Which folder or file a name in the zone may have meant, as advice. name: lower case, without wrappings."""
    stem = name.rsplit(".", 1)[0]
    known = {names.normalise(known): known for known in kinds.DIRECTORY}
    near = difflib.get_close_matches(names.normalise(stem), known, 1)
    if name.endswith(".csv") and near:
        return f"did you mean partner_directory/{known[near[0]]}.csv?"
    folders = {names.normalise(folder): folder for folder in kinds.FOLDERS}
    word = re.sub(r"\d", "", names.normalise(stem))  # without a date
    near = difflib.get_close_matches(word, folders, 1) or [folder for folder in folders if len(word) > 3 and (word in folder or folder in word)]
    if near:
        return f"did you mean {folders[near[0]]}/?"
    return f"move it to one of {', '.join(kinds.FOLDERS)}"


def printable(name):
    """A name with whatever is not UTF-8 written as \\xNN."""
    return os.fsencode(name).decode("utf-8", "backslashreplace")


def files_below(zone, top, folder):
    """Candidates below a landing folder, sorted by name."""
    found = []
    entered = set()
    folders = [top]
    links = []  # links to folders wait until all real folders have been entered
    while folders or links:
        current = folders.pop(0) if folders else links.pop(0)
        try:
            identity = os.stat(current)
            key = (identity.st_dev, identity.st_ino)
            if not stats.S_ISDIR(identity.st_mode):
                found.append(of_file(zone, current, folder))
                continue
            if key in entered:
                continue
            entered.add(key)
            entries = sorted(os.listdir(os.fsencode(current)))
        except OSError as error:
            problem = f"the folder cannot be listed: {error.strerror}; give the build the right to read it"
            found.append(Candidate(current, names.source_name(zone, current), folder, None, problem))
            continue
        for entry in map(os.fsdecode, entries):
            path = os.path.join(current, entry)
            if entry.startswith("."):
                continue
            if os.path.isdir(path):
                (links if os.path.islink(path) else folders).append(path)
            else:
                found.append(of_file(zone, path, folder))
    return sorted(found, key=lambda candidate: candidate.source_file)


def of_file(zone, path, folder):
    """The candidate of a path that is no folder. A path that is no regular file has a problem: opening a pipe would wait for ever."""
    source_file = names.source_name(zone, path)
    try:
        stat = os.stat(path)
    except OSError as error:
        what = "a link to nothing" if os.path.islink(path) else f"cannot be looked at: {error.strerror}"
        return Candidate(path, source_file, folder, None, f"{what}; put the file itself there")
    problem = None if stats.S_ISREG(stat.st_mode) else f"{what_it_is(stat.st_mode)}, not a file; put an exported file there"
    return Candidate(path, source_file, folder, stat, problem)


def what_it_is(mode):
    """What a path is that is neither a file nor a folder. mode: st_mode."""
    kinds_of_path = {stats.S_IFIFO: "a named pipe", stats.S_IFSOCK: "a socket", stats.S_IFCHR: "a device", stats.S_IFBLK: "a device"}
    return kinds_of_path.get(stats.S_IFMT(mode), "something special")


def kind_and_reader(folder, name):
    """(kind, reader, problem) of a file by its name.

    folder: the landing folder.  name: the file's name, wrappings included. kind is None when no kind has that name, reader when none reads
    that ending; problem then says so.
    """
    plain = names.unwrapped_name(name)
    readers = kinds.readers_of(folder)
    ending = next((ending for ending in readers if plain.endswith(ending)), None)
    if ending is None:
        kind = None if folder == "partner_directory" else kinds.KINDS[kinds.kind_of(folder)]
        advice = "; save it as CSV" if plain.endswith(EXCEL) and ".csv" in readers else "; export it as one of these, or remove it"
        return kind, None, f"not a kind of file that {folder}/ is read for ({', '.join(readers)}, each also as .gz or .zip){advice}"
    if folder != "partner_directory":
        return kinds.KINDS[kinds.kind_of(folder)], readers[ending], None
    stem = plain.removesuffix(ending)
    if stem in kinds.DIRECTORY:
        return kinds.KINDS[stem], readers[ending], None
    known = {names.normalise(known): known for known in kinds.DIRECTORY}
    near = difflib.get_close_matches(names.normalise(stem), known, 1)
    advice = f"did you mean {known[near[0]]}.csv?" if near else "known are " + ", ".join(f"{name}.csv" for name in kinds.DIRECTORY)
    return None, None, f"no file of this name is read from partner_directory/; {advice}"


def is_manifest(name):
    """Whether a file lists the files of an export, by its name: manifest.json, _manifest.json, manifest_2026-08-01.json.gz."""
    return MANIFEST_NAME.fullmatch(names.unwrapped_name(name)) is not None
