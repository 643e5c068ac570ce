"""The committed sample landing zone is what its generator writes, and small."""

import gzip
import pathlib

import sample

SAMPLE = pathlib.Path(__file__).resolve().parents[2] / "seeds" / "landing_zone"
SIZE_LIMIT = 600_000


def contents(zone: pathlib.Path) -> dict[str, bytes]:
    """Read every file of a folder. Packed files are compared unpacked: zlib builds compress differently."""
    return {
        file.relative_to(zone).as_posix(): gzip.decompress(file.read_bytes()) if file.suffix == ".gz"
        else file.read_bytes()
        for file in zone.rglob("*")
        if file.is_file()
    }


def test_the_committed_sample_is_what_the_generator_writes(tmp_path):
    sample.write(tmp_path)
    committed, written = contents(SAMPLE), contents(tmp_path)
    assert sorted(committed) == sorted(written)
    assert [path for path in written if committed[path] != written[path]] == []


def test_writing_twice_gives_the_same_bytes(tmp_path):
    sample.write(tmp_path / "once")
    sample.write(tmp_path / "again")
    packed = sorted((tmp_path / "once").rglob("*.gz"))
    assert packed
    for file in packed:
        name_flag_and_time = file.read_bytes()[3:8]
        assert name_flag_and_time == bytes(5), f"{file.name} carries a file name or a time"
        assert file.read_bytes() == (tmp_path / "again" / file.relative_to(tmp_path / "once")).read_bytes()


def test_the_sample_is_small():
    assert 0 < sum(file.stat().st_size for file in SAMPLE.rglob("*") if file.is_file()) < SIZE_LIMIT
