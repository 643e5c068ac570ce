"""Whatever happens to a build: the published folder is whole, and old or new; the next build recovers by itself, and says what an undisturbed one says.

`make test-all` kills a build at two moments. `make faults` has all of it: PEC_FAULTS=40 is the number of moments of a build, beside those of publishing.
PEC_FAULT_WORKERS: how many builds run side by side.
"""

import os
import random
import shutil
import subprocess
from concurrent.futures import ThreadPoolExecutor

import duckdb
import pytest
from faults import ground as g
from pec import archive

MOMENTS = int(os.environ.get("PEC_FAULTS") or 0)
WORKERS = int(os.environ.get("PEC_FAULT_WORKERS") or 2)
long = pytest.mark.skipif(not MOMENTS, reason="make faults")


def nights(steps):
    """The moments at which builds are killed, one after the other, before one goes to its end. steps: of an undisturbed build."""
    if not MOMENTS:
        return [[g.Moment(0.25, 0.02, steps=steps), g.Moment(stage="committed")]]
    chance = random.Random("faults")
    spread = [g.Moment((number + 0.5) / MOMENTS, chance.choice([0, 0, 0.01, 0.05]), steps=steps) for number in range(MOMENTS)]
    return [[moment] for moment in [*spread, *(g.Moment(stage=stage) for stage in g.STAGES)]]


def test_killed_builds_leave_the_old_or_the_new_and_the_next_build_recovers(prepared, undisturbed, tmp_path):
    expected, steps = undisturbed
    old, new = g.published(prepared), g.published(expected)
    assert old != new

    def one(numbered):
        number, moments = numbered
        ground = prepared.copy(tmp_path / str(number))
        moment, states, found = " and ".join(map(str, moments)), [], []
        try:
            for killed_at in moments:
                outcome = ground.killed(killed_at)
                if not outcome.was_reached:
                    print(f"{number:3} {moment}: missed", flush=True)
                    return moment, [], ["missed" if outcome.code == 0 else outcome.said[-2000:]]
                states.append("old" if g.published(ground) == old else "new" if g.published(ground) == new else "neither")
                found += [] if states[-1] != "neither" else ["what is published is neither old nor new"]
            ground.recovered()
            found += g.differences(ground, expected) + g.damaged(ground) + [f"{path} was left behind" for path in g.left_overs(ground)]
        except (AssertionError, OSError, duckdb.Error) as error:
            found = [*found, str(error)[-2000:]]
        shutil.rmtree(ground.folder)
        print(f"{number:3} {moment}: {' '.join(states)}{'; ' + found[0] if found else ''}", flush=True)
        return moment, states, found

    with ThreadPoolExecutor(WORKERS) as pool:
        results = list(pool.map(one, enumerate(nights(steps))))
    assert [(moment, found) for moment, states, found in results if states and found] == []
    missed = [(moment, found) for moment, states, found in results if not states]
    assert len(missed) * 10 <= len(results), f"no kill at {missed}"
    seen = {state for _, states, _ in results for state in states}
    assert "old" in seen and (not MOMENTS or "new" in seen)


def test_a_reader_of_the_published_file_is_not_disturbed_and_disturbs_nobody(undisturbed, reader):
    """The reader held the old file open while the undisturbed build ran."""
    expected, _ = undisturbed
    answers, after = reader
    assert len(answers) > 20 and len(set(answers)) == 1
    with duckdb.connect(str(expected.places.link / "pec.duckdb"), read_only=True) as connection:
        assert connection.execute("select count(*) from marts.landed_files").fetchone()[0] == after > answers[0]


def test_the_landing_zone_is_never_written(prepared, undisturbed):
    """Each file and folder is as it was after the undisturbed build."""
    now = g.stats_of(prepared.zone)
    assert len(now) > 15 and now == prepared.zone_before


# -- the disk ------------------------------------------------------------------------------------------------------------


def assert_refused(ground, outcome, old, *words):
    """A build failed, said why, and left what was published as it was."""
    assert outcome.code not in (0, None), outcome.said[-3000:]
    assert [word for word in words if word not in outcome.said] == [], outcome.said[-5000:]
    assert g.published(ground) == old


def assert_recovers(ground, expected):
    """The next build needs no help, and says what an undisturbed one says."""
    ground.recovered()
    assert g.differences(ground, expected) + g.damaged(ground) + g.left_overs(ground) == []


@long
def test_no_file_may_grow(prepared, undisturbed, tmp_path):
    """`ulimit -f` at several sizes: some stop dbt itself, some the archive, some the warehouse, some the publication."""
    import resource

    ground, old = prepared.copy(tmp_path / "g"), g.published(prepared)
    size = os.path.getsize(prepared.warehouse)
    for limit in (4096, 200_000, 600_000, 1_000_000, 2_000_000, 3_500_000, size + 10_000):
        outcome = ground.build(limit=lambda limit=limit: resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit)))
        print(limit, outcome.code, outcome.events, outcome.said[-300:].replace("\n", " | "))
        if outcome.code == 0:
            assert g.published(ground) == g.published(undisturbed[0])
        else:
            assert g.published(ground) in (old, g.published(undisturbed[0]))
    assert_recovers(ground, undisturbed[0])


@long
@pytest.mark.parametrize("free", [50_000, 500_000, 3_000_000, 8_000_000])
def test_the_disk_is_full(free, prepared, undisturbed, tmp_path, small_disk):
    """A file system of its own with little room left, for warehouse, archive and publications; logs and target are elsewhere."""
    disk, old = small_disk, g.published(prepared)
    shutil.copytree(prepared.folder, disk, symlinks=True, dirs_exist_ok=True)
    ground = g.Ground(disk, prepared.zone)
    for name in ("target", "logs"):
        os.rename(disk / name, disk / f"{name}_")  # a link would be followed by copies
        shutil.move(disk / f"{name}_", tmp_path / name)
        os.symlink(tmp_path / name, disk / name)
    filler = disk / "filler"
    room = os.statvfs(disk)
    with open(filler, "wb") as file:
        file.write(bytes(max(0, room.f_bavail * room.f_frsize - free)))
    outcome = ground.build()
    print(free, outcome.code, outcome.events, outcome.said[-300:].replace("\n", " | "))
    if outcome.code == 0:
        assert g.published(ground) == g.published(undisturbed[0])
    else:
        assert g.published(ground) == old
        assert "space" in outcome.said.lower() or "write" in outcome.said.lower(), outcome.said[-3000:]
    filler.unlink()
    assert_recovers(ground, undisturbed[0])


# -- folders -------------------------------------------------------------------------------------------------------------


@long
def test_folders_that_are_missing_or_something_else(prepared, undisturbed, tmp_path):
    """A file in the place of a folder, a folder in the place of a file, a folder that is missing: named, with the path, and nothing is published."""
    ground, old = prepared.copy(tmp_path / "g"), g.published(prepared)
    (tmp_path / "file").write_text("x")
    for settings in ({"PEC_WAREHOUSE": str(tmp_path / "missing" / "w.duckdb"), "PEC_ARCHIVE": str(ground.archive)},
                     {"PEC_WAREHOUSE": str(tmp_path), "PEC_ARCHIVE": str(ground.archive)},
                     {"PEC_ARCHIVE": str(tmp_path / "file")}, {"PEC_ARCHIVE": str(tmp_path / "file" / "archive")},
                     {"PEC_PUBLISHED": str(tmp_path / "file" / "published")}, {"PEC_PUBLISHED": str(tmp_path)}):  # fmt: skip
        outcome = ground.build(**settings)
        assert_refused(ground, outcome, old, list(settings.values())[0])
    for folder in (ground.places.history, ground.places.records, ground.places.folders):
        os.rename(folder, folder.with_name("aside"))
        folder.write_text("x")
        outcome = ground.build()
        folder.unlink()
        os.rename(folder.with_name("aside"), folder)
        assert_refused(ground, outcome, old, str(folder))
    assert_recovers(ground, undisturbed[0])


@long
def test_folders_that_must_not_be_written(prepared, undisturbed, tmp_path):
    """The build may not write to where publications are, to the history, to the archive, to the warehouse: named, and nothing is published."""
    ground, old = prepared.copy(tmp_path / "g"), g.published(prepared)
    # Root may write anywhere, unless it gives up that power.
    before = ["setpriv", "--bounding-set", "-dac_override,-dac_read_search"] if os.getuid() == 0 else []
    (tmp_path / "x").touch(0o400)
    if before and (not shutil.which("setpriv") or not subprocess.run([*before, "sh", "-c", f"echo > {tmp_path / 'x'}"], check=False).returncode):
        pytest.skip("root cannot give up its power to write here")
    for top in (ground.places.folders, ground.places.history, ground.archive, ground.warehouse):
        modes = {path: path.stat().st_mode for path in [top, *top.rglob("*")] if not path.is_symlink()}
        for path, mode in modes.items():
            os.chmod(path, mode & 0o555)
        outcome = ground.build(before=before)
        for path, mode in modes.items():
            os.chmod(path, mode)
        assert_refused(ground, outcome, old, str(top), "ermission denied")
    assert_recovers(ground, undisturbed[0])


# -- damage --------------------------------------------------------------------------------------------------------------


def overwrite(path, first, last, step=262_144):
    """Overwrites a part of each block between two shares of a file."""
    size = os.path.getsize(path)
    with open(path, "r+b") as file:
        for place in range(int(size * first), max(int(size * last), int(size * first) + 1), step):
            file.seek(place)
            file.write(random.Random(place).randbytes(2000))


@long
@pytest.mark.parametrize("case", ["header", "typed lines", "middle", "end", "half", "no bytes", "text"])
def test_a_damaged_warehouse_is_made_anew(case, prepared, undisturbed, tmp_path):
    """By this build, when it cannot be opened; else this build fails and says so, and the next one makes it anew."""
    ground, old, new = prepared.copy(tmp_path / "g"), g.published(prepared), g.published(undisturbed[0])
    size = os.path.getsize(ground.warehouse)
    if case == "text":
        ground.warehouse.write_text("a,b\n1,2\n" * 1000)
    elif case in ("half", "no bytes"):
        os.truncate(ground.warehouse, size // 2 if case == "half" else 0)
    elif case == "typed lines":
        with duckdb.connect(str(ground.warehouse), read_only=True) as connection:
            blocks = connection.execute("select distinct block_id from pragma_storage_info('staging.stg_partner_center__usage_lines') where block_id >= 0")
            places = [12_288 + block * 262_144 + 1000 for (block,) in blocks.fetchall()]
        for place in places:
            overwrite(ground.warehouse, place / size, place / size)
    else:
        overwrite(ground.warehouse, *{"header": (0, 0), "middle": (0.3, 0.6), "end": (0.9, 1)}[case])
    outcome = ground.build()
    print(case, outcome.code, [line for line in outcome.said.splitlines() if "damaged" in line])
    if outcome.code == 0:
        assert g.published(ground) == new
    else:
        assert "the next build sets it aside" in outcome.said, outcome.said[-3000:]
        assert g.published(ground) == old
        assert "makes a new one from the archive" in ground.recovered().said
    assert (outcome.code != 0) == (case == "typed lines") or case in ("middle", "end")
    if case not in ("middle", "end"):  # these may be blocks that nothing reads
        assert (ground.folder / "warehouse.duckdb.damaged").exists()
    assert_recovers(ground, undisturbed[0])


@long
def test_a_damaged_archive_is_made_again_or_named(prepared, undisturbed, tmp_path):
    ground, old = prepared.copy(tmp_path / "g"), g.published(prepared)
    contents = [sorted(path for path in (ground.archive / kind).glob("*.parquet") if path.name[0] != "_")[0] for kind in
                ("contents/daily_rated_usage", "contents/price_sheet", "documents/role_assignments")]  # fmt: skip
    for path in contents:
        overwrite(path, 0.5, 0.5)
    manifest = sorted((ground.archive / "manifest").glob("*.parquet"))[0]
    good = manifest.read_bytes()
    overwrite(manifest, 0.5, 0.5)
    assert_refused(ground, ground.build(), old, f"manifest/{manifest.name} is damaged", "from a backup")
    manifest.write_bytes(good)
    assert_recovers(ground, undisturbed[0])


@long
def test_what_the_archive_lost_for_good_is_named(prepared, tmp_path):
    ground, old = prepared.copy(tmp_path / "g"), g.published(prepared)
    ground.zone = tmp_path / "zone"
    shutil.copytree(prepared.zone, ground.zone)
    archive.move(str(ground.archive), str(ground.zone))
    (raw,) = list((ground.zone / "price_sheet").rglob("*IT*.csv"))
    raw.unlink()
    for path in (ground.archive / "contents" / "price_sheet").glob("*.parquet"):
        overwrite(path, 0.5, 0.5)
    assert_refused(ground, ground.build(), old, raw.name, "pec archive forget", "backup")


# -- the clock -----------------------------------------------------------------------------------------------------------


@long
def test_a_clock_that_was_set_back(prepared, undisturbed, tmp_path):
    """The newest publication is ten years old in the future: the next one comes after it, in name and in history."""
    ground = prepared.copy(tmp_path / "g")
    future = g.in_future(ground)
    outcome = ground.recovered()
    assert "the clock is behind the newest publication" in outcome.said
    assert ground.places.committed()[-1] == ground.places.current() > future
    assert g.w.query(ground.warehouse, "from build_state.last_green_build") == [{"publication_id": ground.places.current()}], "pec night compares them"
    assert g.published(ground) == g.published(undisturbed[0])
    with duckdb.connect(str(ground.places.link / "pec.duckdb"), read_only=True) as connection:
        assert connection.execute("select min(as_of)::date::varchar from marts.pec_statement_history").fetchone()[0] > "2036"
        (now,) = connection.execute("select count(*) from marts.pec_statement_history where as_of_until is null").fetchone()
        assert now == connection.execute("select count(*) from marts.pec_monthly_statement").fetchone()[0]
    assert g.timeless_rows(ground) == g.timeless_rows(undisturbed[0])
