"""The examples for schedulers and the container name what is there."""

import configparser
import re
import shutil
import subprocess

import pytest
from pec import project
from project import warehouse as w

EXAMPLES = w.PROJECT / "examples"


def unit(name):
    """A unit of systemd as {section: {key: values}}; a key may stand there more than once."""
    sections = {}
    for line in (EXAMPLES / name).read_text().splitlines():
        if line.startswith("["):
            section = sections.setdefault(line.strip("[]"), {})
        elif line and not line.startswith("#"):
            key, value = line.split("=", 1)
            section.setdefault(key, []).append(value)
    return sections


def copied():
    """The paths that the Containerfile copies into the image."""
    lines = re.findall(r"^COPY (.+)$", (w.PROJECT / "Containerfile").read_text(), re.MULTILINE)
    assert len(lines) > 5
    return [path for line in lines for path in line.split()[:-1]]


def test_the_image_holds_the_whole_project_and_no_data(tmp_path):
    for path in copied():
        source = w.PROJECT / path
        assert source.exists(), path
        assert source.is_dir() == path.endswith("/"), path
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        shutil.copytree(source, tmp_path / path) if source.is_dir() else shutil.copy(source, tmp_path / path)
    assert project.rules_version(tmp_path) == project.rules_version(w.PROJECT)
    assert project.reference_data_version(tmp_path) == project.reference_data_version(w.PROJECT)
    assert not (tmp_path / "seeds" / "landing_zone").exists()
    assert (tmp_path / "docs" / "columns.md").exists(), "texts of columns are in docs/"


def test_what_the_image_holds_is_what_the_engine_is_shown():
    ignored = (w.PROJECT / ".containerignore").read_text()
    assert ignored == (w.PROJECT / ".dockerignore").read_text(), "the same for Podman and Docker"
    shown = [line[1:] for line in ignored.splitlines() if line.startswith("!")]
    assert sorted(shown) == sorted(path.rstrip("/") for path in copied())
    assert "*" in ignored.splitlines(), "all else stays away, exports above all"


def test_the_container_installs_with_hashes_and_does_not_run_as_root():
    text = (w.PROJECT / "Containerfile").read_text()
    assert "--require-hashes --requirement requirements.lock" in text
    user = re.findall(r"^USER (\S+)$", text, re.MULTILINE)
    assert user == ["pec"] and text.index("USER pec") < text.index("ENTRYPOINT")
    instructions = set(re.findall(r"^([A-Z]+) ", text, re.MULTILINE))
    assert instructions <= {"FROM", "WORKDIR", "ENV", "COPY", "RUN", "VOLUME", "USER", "ENTRYPOINT", "CMD"}


def test_the_environment_sets_only_what_is_read():
    names = re.findall(r"^#? ?([A-Z][A-Z_]+)=", (EXAMPLES / "pec.env").read_text(), re.MULTILINE)
    names += re.findall(r"(PEC_\w+)=", (w.PROJECT / "Containerfile").read_text())
    code = "\n".join(path.read_text() for path in [*(w.PROJECT / "pec").rglob("*.py"), w.PROJECT / "profiles.yml"])
    assert len(names) >= 10 and [name for name in names if name not in code and name not in ("DBT_TARGET_PATH", "DBT_LOG_PATH")] == []
    documented = (w.PROJECT / "docs" / "operations.md").read_text() + (w.PROJECT / "README.md").read_text()
    assert [name for name in names if name.startswith("PEC_") and name not in documented] == []


def test_units_and_cron_call_pec_night_where_the_project_is():
    service, timer = unit("pec-night.service"), unit("pec-night.timer")
    assert service["Service"]["ExecStart"] == ["/opt/pec/.venv/bin/pec night"]
    assert service["Service"]["WorkingDirectory"] == ["/opt/pec"] and service["Service"]["EnvironmentFile"] == ["/etc/pec.env"]
    assert len(timer["Timer"]["OnCalendar"]) == 2 and timer["Install"]["WantedBy"] == ["timers.target"]
    environment = configparser.ConfigParser()
    environment.optionxform = str
    environment.read_string("[env]\n" + (EXAMPLES / "pec.env").read_text())
    writable = service["Service"]["ReadWritePaths"][0].split()
    for name in ("PEC_WAREHOUSE", "PEC_PUBLISHED", "DBT_TARGET_PATH", "DBT_LOG_PATH"):
        assert any(environment["env"][name].startswith(path + "/") for path in writable), name
    (line,) = [line for line in (EXAMPLES / "pec.cron").read_text().splitlines() if line[:1].isdigit()]
    assert line.split()[5] == "pec" and ". /etc/pec.env" in line and ".venv/bin/pec night" in line


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="no systemd here")
def test_systemd_accepts_the_units(tmp_path):
    for name in ("pec-night.service", "pec-night.timer"):
        text = (EXAMPLES / name).read_text().replace("/opt/pec/.venv/bin/pec", "/bin/true")
        (tmp_path / name).write_text(text)
    done = subprocess.run(
        ["systemd-analyze", "verify", str(tmp_path / "pec-night.service"), str(tmp_path / "pec-night.timer")], capture_output=True, text=True, check=False
    )  # fmt: skip
    assert (done.returncode, "pec-night" in done.stderr) == (0, False), done.stderr
