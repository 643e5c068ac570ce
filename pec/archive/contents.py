"""Contents: what files hold, whatever their names. Each content of a kind is archived once."""

import threading
from concurrent.futures import Future

import duckdb

from pec import kinds
from pec.archive import documents, store, tables, wrapping
from pec.archive.problems import Changed, Quarantine

# What an observation says of a content, the same for all files that have it.
OF_CONTENT = (
    "header", "records", "archived", "rejected", "is_whole_document", "has_next_page", "parser_version", "archive_file", "archive_digest",
)  # fmt: skip


class Contents:
    """The contents of an archive, and those that an update adds."""

    def __init__(self, house, collector, known, pruned, batch):
        """house: store.Store.  collector: connection of run.collecting().  known: observations, oldest first.
        pruned: paths of content files that were pruned.  batch: the update's number.
        """
        self.house, self.collector, self.pruned, self.batch = house, collector, pruned, batch
        self.forgotten = house.forgotten()
        self.known = {key_of(row): row for row in known if row["archive_file"]}
        self.digests = {row["content_id"]: row["content_digest"] for row in known if row["content_id"]}
        self.claims, self.lock = {}, threading.Lock()
        self.with_rejects = house.with_rejects()
        self.made = []

    def take(self, cursor, draft, plain, copy, check, seen_before):
        """What an observation says of its content (dict); the content is archived unless it is known.

        cursor: DuckDB's, of this thread.  draft: the observation so far.  plain: wrapping.Plain.  copy: path that may be written, and others
        beside it.  check: raises Quarantine when the file has changed.  seen_before: the path's newest observation, or None.
        Quarantine: the content cannot be archived; draft then has its digests.
        """
        content_id = plain.digest[:16]
        draft |= {"content_digest": plain.digest, "content_id": content_id, "plain_bytes": plain.tally.length}
        key = key_of(draft)
        while True:
            with self.lock:
                if self.digests.setdefault(content_id, plain.digest) != plain.digest:
                    raise Quarantine("its content has the id of another content; add a line to it, and report this")
                known = self.known.get(key)
                if known and self.is_held(known, draft, seen_before):
                    found = {name: known[name] for name in OF_CONTENT}
                    break
                claim = self.claims.get(key)
                if claim is None:
                    self.claims[key] = claim = Future()
                    is_mine = True
                else:
                    is_mine = False
            found = self.claimed(claim, key, cursor, draft, plain, copy, check) if is_mine else claim.result()
            if found is not None:
                break
            # Another file had this content first and failed for a reason of its own: this one tries itself.
        check()
        return found

    def claimed(self, claim, key, cursor, draft, plain, copy, check):
        """As take(), of a content that nobody else archives meanwhile. claim: who waits for it gets the outcome, or None to try itself."""
        try:
            found = self.archive(cursor, draft, plain, copy, check)
        except BaseException as error:
            if isinstance(error, Quarantine) and not isinstance(error, Changed):
                claim.set_exception(error)
            else:
                with self.lock:
                    del self.claims[key]
                claim.set_result(None)
            raise
        claim.set_result(found)
        return found

    def is_held(self, known, draft, seen_before):
        """Whether a known content need not be archived again: its file is there, or was pruned and the path says nothing new."""
        if self.house.holds(known, self.forgotten):
            return True
        if known["archive_file"] not in self.pruned or seen_before is None:
            return False
        return all(draft[name] == seen_before[name] for name in ("content_digest", "exported_at"))

    def archive(self, cursor, draft, plain, copy, check):
        """Archives a content: its own Parquet file when it is a table, else rows of the file that documents of its kind share."""
        kind = kinds.KINDS[draft["kind"]]
        # All that a content adds, or nothing.
        inserts = self.collector.cursor()
        with self.lock:
            # A content of two kinds, or one that is archived again because its file was lost, has its rejected records once.
            has_rejects = draft["content_id"] in self.with_rejects
            self.with_rejects.add(draft["content_id"])
        rejects = tables.Rejects(inserts, draft["content_id"], not has_rejects)
        inserts.execute("begin")
        try:
            if kind.is_table:
                relative = f"contents/{kind.name}/{draft['content_id']}.parquet"
                made, digest = self.house.write(relative, lambda part: self.make_table(cursor, draft, plain, copy, check, part, rejects))
            else:
                relative, digest = self.place_of(draft, kind), None
                made = documents.archive_document(inserts, plain, kind, draft["reader"], draft["content_id"], rejects)
                check()
            rejects.flush()
            inserts.execute("commit")
            if not has_rejects and not rejects.count:
                self.with_rejects.discard(draft["content_id"])
        except BaseException:
            inserts.execute("rollback")
            if not has_rejects:
                self.with_rejects.discard(draft["content_id"])
            raise
        finally:
            inserts.close()
        found = {name: getattr(made, name) for name in OF_CONTENT if hasattr(made, name)}
        found |= {"parser_version": store.PARSER_VERSION, "archive_file": relative, "archive_digest": digest}
        with self.lock:
            self.made.append(draft | found)
        return found

    def place_of(self, draft, kind):
        """The file, by its path in the archive, that a document's items go to: of this update, or the one that had them and is not there any more."""
        known = self.known.get(key_of(draft))
        is_gone = known and not self.house.has(known["archive_file"]) and (known["archive_file"], known["content_id"]) not in self.forgotten
        return known["archive_file"] if is_gone else f"documents/{kind.name}/{self.batch}.parquet"

    def make_table(self, cursor, draft, plain, copy, check, part, rejects):
        """(tables.Made, SHA-256 of the Parquet file) of a table, written to a path."""
        kind = kinds.KINDS[draft["kind"]]
        if draft["reader"] == "csv":
            made = tables.archive_csv(cursor, plain, copy + ".csv", kind, draft["content_id"], part, rejects)
        elif draft["reader"] == "parquet":
            made = tables.archive_parquet(cursor, plain, copy + ".parquet", kind, draft["content_id"], part)
        else:
            made = documents.archive_json_records(cursor, plain, copy + ".records", kind, draft["content_id"], part, rejects)
        check()
        return made, wrapping.digest_of(part)

    def write_shared(self):
        """Writes the files that contents of this update share: items of documents, rejected records. Returns path -> SHA-256."""
        shared, written = {}, {}
        for row in self.made:
            if not kinds.KINDS[row["kind"]].is_table:
                shared.setdefault((row["archive_file"], row["kind"]), set()).add(row["content_id"])
        for (relative, kind), content_ids in sorted(shared.items()):
            listed = ", ".join(store.quoted(content_id) for content_id in sorted(content_ids))
            written[relative] = self.write_table(relative, f"documents_{kind} where content_id in ({listed})", "content_id, item_number")
        if self.collector.execute("select count(*) from rejected").fetchone()[0]:
            relative = f"rejected/{self.batch}.parquet"
            written[relative] = self.write_table(relative, "rejected", "content_id, record_number")
        return written

    def write_table(self, relative, table, order):
        """Writes rows of the collector to a file of the archive; its SHA-256. table: SQL, what stands after `from`.  order: SQL."""

        def make(part):
            self.collector.execute(f"copy (select * from {table} order by {order}) to {store.quoted(part)} ({store.PARQUET})")
            return wrapping.digest_of(part)

        try:
            return self.house.write(relative, make)
        except duckdb.Error as error:
            raise self.house.unwritable(error) from error


def key_of(row):
    """What tells contents apart: kind, reader and digest. row: an observation."""
    return row["kind"], row["reader"], row["content_digest"]
