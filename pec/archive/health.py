"""Whether the files of an archive are as they were written.

A file of the archive never changes, but a disk or a person may change it, and Parquet has no checksums: of each two bits that flip in a file, one changes
a value without a word. `digests.json` has the digest of each file and the time of its last change (ctime, which no program can set back). A file whose time is
another now is compared with its digest before anything reads it. So a night costs one look at each file, and no file is read for it.

The same list has the times of the landing zone's files: a file is opened again when its content was written anew, also with its old size and date.

The list may be lost: the next update compares each file with the manifest, opens each file of the zone once, and writes a new list.
"""

import hashlib
import json
import os

from pec.archive import store, wrapping
from pec.archive.problems import ArchiveError

NAME = "digests.json"
# Made again without the landing zone: files without rows. Made again from files that the zone still has. All else can only be restored.
REMADE = ("contents/", "documents/")
# Nothing removes files of these folders.
KEPT = ("manifest/", "rejected/", "pruned/")
ASIDE = ".damaged"


class Ledger:
    """The list of an archive's files, and of the zone's.

    files: path in the archive -> [SHA-256, ctime in nanoseconds].  zone: path in the zone -> ctime in nanoseconds.
    """

    def __init__(self, house):
        """house: store.Store."""
        self.house, self.files, self.zone = house, {}, {}
        try:
            with open(house.at(NAME), encoding="utf-8") as file:
                found = json.load(file)
            if found["digest"] == digest_of(found["files"], found["zone"]):
                self.files, self.zone = found["files"], found["zone"]
        except (OSError, ValueError, KeyError, TypeError):
            pass  # none yet, or damaged: all files are compared anew

    def damaged(self, is_thorough=False):
        """What is damaged: {path: what is wrong}. Files that are intact are noted as such.

        is_thorough: files are compared whatever their time says.  ArchiveError: the manifest is damaged in a way that no digest tells.
        """
        found = {path: "is missing" for path in self.files if path.startswith(KEPT) and not self.house.has(path)}
        present = list(present_files(self.house))
        found |= self.compared([path for path in present if path.startswith("manifest/")], {}, is_thorough)
        if any(path.startswith("manifest/") for path in found):
            return found
        expected = {row["archive_file"]: row["archive_digest"] for row in self.house.observations() if row["archive_file"]}
        expected |= history_digests(self.house, [path for path in present if os.path.dirname(path) == "history" and not can_be_remade(path)])
        return found | self.compared([path for path in present if not path.startswith("manifest/")], expected, is_thorough)

    def compared(self, paths, expected, is_thorough):
        """As damaged(), of some files. expected: path -> SHA-256, of those that the manifest names."""
        found = {}
        for path in paths:
            whole = self.house.at(*path.split("/"))
            known, changed = self.files.get(path, [None, None]), os.stat(whole).st_ctime_ns
            if changed == known[1] and not is_thorough:
                continue
            digest = wrapping.digest_of(whole)
            if digest == expected.get(path, known[0] or digest):
                self.files[path] = [digest, changed]
            else:
                found[path] = "is damaged"
        return found

    def set_aside(self):
        """Renames damaged files that can be made again. ArchiveError: others are damaged, too; then nothing was renamed."""
        found = self.damaged()
        fatal = [f"{path} {what}" for path, what in sorted(found.items()) if not can_be_remade(path)]
        if fatal:
            raise ArchiveError(
                f"the archive {self.house.path} is damaged: {'; '.join(fatal[:5])}{' and more' if len(fatal) > 5 else ''}. Restore these files from a backup "
                "(pec archive verify lists all). Nothing was built from them."
            )
        for path in found:
            whole = self.house.at(*path.split("/"))
            os.replace(whole, whole + ASIDE)
            self.files.pop(path, None)
        return sorted(found)

    def note(self, candidates, archived):
        """Notes what an update wrote and saw, and writes the list.

        candidates: of zone.look(), with what os.stat() said before they were read.  archived: path -> SHA-256, of files whose digest is known.
        """
        for path in set(self.house.written):
            whole = self.house.at(*path.split("/"))
            if path.endswith(".parquet") and os.path.exists(whole):
                self.files[path] = [archived.get(path) or wrapping.digest_of(whole), os.stat(whole).st_ctime_ns]
        self.files = {path: facts for path, facts in sorted(self.files.items()) if path.startswith(KEPT) or self.house.has(path)}
        self.zone = {found.source_file: found.stat.st_ctime_ns for found in candidates if found.stat}
        self.write()

    def write(self):
        """Writes the list if it has changed."""
        content = {"files": self.files, "zone": self.zone, "digest": digest_of(self.files, self.zone)}
        text = json.dumps(content, indent=0, ensure_ascii=False) + "\n"
        try:
            with open(self.house.at(NAME), encoding="utf-8") as file:
                if file.read() == text:
                    return
        except (OSError, ValueError):
            pass
        self.house.write(NAME, lambda part: store.write_text(part, text))


def digest_of(*content):
    """A digest of the list itself: it may be damaged, too."""
    return hashlib.sha256(json.dumps(content).encode()).hexdigest()


def present_files(house):
    """Paths, relative to the archive, of all its Parquet files that count."""
    for parent, folders, names in os.walk(house.path):
        folders[:] = sorted(folder for folder in folders if not folder.startswith("."))
        for name in sorted(names):
            if name.endswith(".parquet") and not name.startswith("."):
                yield os.path.relpath(os.path.join(parent, name), house.path).replace(os.sep, "/")


def history_digests(house, paths):
    """The SHA-256 of files of the history, as publications say: {path: digest}. A publication before there were digests says nothing."""
    found = {}
    for path in paths:
        record = house.at("publications", os.path.basename(path).removesuffix(".parquet") + ".json")
        try:
            with open(record, encoding="utf-8") as file:
                found[path] = json.load(file)["history"]["sha256"]
        except (OSError, ValueError, KeyError, TypeError):
            pass
    return found


def can_be_remade(path):
    """Whether a file of the archive can be made again. path: relative to the archive."""
    return path.startswith(REMADE) or os.path.basename(path).startswith("_schema")


def zone_times(archive):
    """When each file of the landing zone last changed, as the archive has noted it: {path: ctime in nanoseconds}. archive: path of its folder."""
    return Ledger(store.Store(archive)).zone


def lost(house, observations, made):
    """Contents that an archive once had and neither it nor the landing zone has now, as texts.

    observations: dicts.  made: {(path in the archive, content_id)} of what was made again.
    """
    pruned, forgotten = house.pruned(), house.forgotten()
    missing = {row["archive_file"] for row in observations if row["archive_file"] and row["archive_file"] not in pruned and not house.has(row["archive_file"])}
    found = {}
    for row in observations:
        key = row["archive_file"], row["content_id"]
        if row["archive_file"] in missing and key not in forgotten and key not in made:
            found[key] = f"{row['content_id']} ({row['source_file']} of {row['exported_at']:%Y-%m-%d}, in {row['archive_file']})"
    return [found[key] for key in sorted(found)]


def check_nothing_is_lost(house, observations, made):
    """ArchiveError: contents are lost. See lost()."""
    found = lost(house, observations, made)
    if found:
        raise ArchiveError(
            f"the archive {house.path} has lost {len(found)} contents, which the landing zone does not have either: {'; '.join(found[:5])}"
            f"{' and more' if len(found) > 5 else ''}. Restore the files of the archive from a backup, or put the exports back into the landing zone, or, if "
            "they are lost for good, build without them: pec archive forget CONTENT_ID"
        )
