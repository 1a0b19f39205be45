"""docs/deployment.md and docker/README.md say what the files do."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

from bot.settings import ENVIRONMENT_NAMES, ROOT

DOCKER = ROOT / "docker"
DOCS = {path: path.read_text(encoding="utf8") for path in (ROOT / "docs/deployment.md", DOCKER / "README.md")}
TEXT = "\n".join(DOCS.values())
COMPOSE = yaml.safe_load((DOCKER / "compose.yml").read_text(encoding="utf8"))
UNIT = re.search(r"```ini\n(.*?)```", TEXT, re.S)[1]  # type: ignore[index]


def blocks() -> list[str]:
    return re.findall(r"```sh\n(.*?)```", TEXT, re.S)


@pytest.mark.parametrize("block", blocks(), ids=range(len(blocks())))
def test_every_command_is_sound_shell(block: str) -> None:
    done = subprocess.run(["sh", "-n"], input=block, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_every_file_and_service_named_is_there() -> None:
    for path in re.findall(r"docker/[\w.-]+\w", TEXT):
        if path not in ("docker/certs", "docker/acme", "docker/.env"):
            assert (ROOT / path).exists(), path
    for line in re.findall(r"docker compose .*", TEXT):
        found = re.search(r"\b(?:exec(?: -T)?|stop|restart) ((?:[a-z]+ ?)+)", line)
        for service in found[1].split()[: None if " stop " in line else 1] if found else []:
            assert service in COMPOSE["services"], line
    for target in re.findall(r"\bmake ([a-z ]+)\b", TEXT):
        for word in target.split():
            if word in ("setup", "train"):
                assert re.search(rf"^{word}:", (ROOT / "Makefile").read_text(), re.M)


def test_every_setting_named_exists() -> None:
    named = set(re.findall(r"\bWUCHANG_[A-Z_]+", TEXT))
    assert named <= set(ENVIRONMENT_NAMES.values()) | {"WUCHANG_RASA_MEMORY", "WUCHANG_DESK_LISTEN"}


def test_the_images_to_carry_over_are_those_of_the_compose_file() -> None:
    saved = re.search(r"docker save (.*?) \|", TEXT)[1].split()  # type: ignore[index]
    assert set(saved) == {service["image"] for service in COMPOSE["services"].values()}


def test_the_table_of_limits_is_nginxs() -> None:
    conf = (DOCKER / "nginx.conf").read_text() + (DOCKER / "nginx-paths.conf").read_text()
    rows = dict(re.findall(r"^\| ([a-z ()POST]+) \| (.*) \|$", TEXT, re.M))
    for row, pattern, sentence in (
        ("body", r"client_max_body_size (\d+)k;", "{} kB"),
        ("head", r"client_header_timeout (\d+)s", "{} s to arrive"),
        ("head", r"client_body_timeout (\d+)s", "still for {} s"),
        ("messages (POST)", r"zone=messages:\w+ rate=(\d+)r/s", "{} a second"),
        ("messages (POST)", r"zone=messages burst=(\d+)", "{} more"),
        ("all requests", r"zone=requests:\w+ rate=(\d+)r/s", "{} a second"),
        ("all requests", r"zone=requests burst=(\d+)", "{} more"),
        ("at once", r"limit_conn connections (\d+)", "{} from one address"),
        ("an answer", r"proxy_read_timeout (\d+)s", "{} s"),
    ):
        assert sentence.format(re.search(pattern, conf)[1]) in rows[row], row  # type: ignore[index]


def test_the_unit_starts_what_the_project_installs() -> None:
    assert re.search(r"^ExecStart=\S+/\.venv/bin/wuchang serve$", UNIT, re.M)
    assert re.search(r'^wuchang = "bot.cli:main"$', (ROOT / "pyproject.toml").read_text(), re.M)


def test_systemd_finds_no_fault_in_the_unit(tmp_path: Path) -> None:
    if not shutil.which("systemd-analyze"):
        pytest.skip("no systemd-analyze here")
    unit = tmp_path / "wuchang.service"
    # The account and the program are of the county's machine.
    unit.write_text(
        UNIT.replace("/srv/wuchang/app/.venv/bin/wuchang serve", "/bin/true").replace("User=wuchang\n", "")
    )
    done = subprocess.run(["systemd-analyze", "verify", str(unit)], capture_output=True, text=True)
    about = [line for line in done.stderr.splitlines() if "wuchang.service" in line]
    assert not about, done.stderr
