"""docker/Dockerfile without an engine: its files are there, its install steps and start commands really run.

The install steps run in an empty folder with what uv has in its cache (`--offline`, so no network and no
waiting). A cache without the packages skips them with that reason.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.settings import ROOT
from tests.ports import free_port

DOCKER = ROOT / "docker"
TEXT = (DOCKER / "Dockerfile").read_text(encoding="utf8")
IGNORED = (DOCKER / "Dockerfile.dockerignore").read_text(encoding="utf8").splitlines()
# What the action server must do without; with any of these its image is large and its start slow.
HEAVY = {"rasa", "tensorflow", "sklearn", "pycrfsuite", "telegram"}


def stages() -> dict[str, list[tuple[str, str]]]:
    """Stage -> its instructions as (word, rest), comments left out."""
    found: dict[str, list[tuple[str, str]]] = {}
    for line in TEXT.splitlines():
        word, _, rest = line.strip().partition(" ")
        if word == "FROM":
            found[rest.split(" AS ")[1]] = current = [(word, rest.split(" AS ")[0])]
        elif word and not word.startswith("#"):
            current.append((word, rest))
    return found


STAGES = stages()


def of(stage: str, word: str) -> list[str]:
    return [rest for name, rest in STAGES[stage] if name == word]


def environment(stage: str) -> dict[str, str]:
    return dict(pair.split("=", 1) for rest in of(stage, "ENV") for pair in rest.split())


def uv() -> str:
    found = ROOT / ".tools/bin/uv"
    return str(found) if found.exists() else shutil.which("uv") or pytest.skip("no uv here")


def copy_of_the_app(folder: Path) -> Path:
    """The folder /app as the `app` stage fills it."""
    folder.mkdir()
    for rest in of("app", "COPY"):
        *sources, target = rest.split()
        if target.startswith("/"):
            continue
        for source in sources:
            place = folder / (source if target == "./" else target)
            place.parent.mkdir(parents=True, exist_ok=True)
            if (ROOT / source).is_dir():
                shutil.copytree(ROOT / source, place, ignore=shutil.ignore_patterns("__pycache__"))
            else:
                shutil.copy(ROOT / source, place)
    return folder


def run_install(stage: str, folder: Path) -> Path:
    """Run a stage's RUN lines with /opt/venv, /tmp and /app in `folder`; the environment's Python."""
    for name in ("pyproject.toml", "uv.lock"):
        shutil.copy(ROOT / name, folder)
    path = f"{Path(uv()).parent}{os.pathsep}{os.environ['PATH']}"
    variables = {
        **os.environ,
        **environment("uv"),
        "PATH": path,
        "UV_OFFLINE": "1",
        "UV_LINK_MODE": "hardlink",
    }
    variables.update(UV_PROJECT_ENVIRONMENT=f"{folder}/venv", UV_PYTHON=sys.executable)
    variables.pop("UV_NO_CACHE")
    variables.pop("VIRTUAL_ENV", None)
    for command in of(stage, "RUN"):
        # Compiling 12,000 files takes 20 s and is tried by `make setup` on the same files.
        there = re.sub(r"/opt/(?=venv)|/tmp/", f"{folder}/", command).replace(" --compile-bytecode", "")
        done = subprocess.run(
            ["sh", "-c", there], cwd=folder, env=variables, capture_output=True, text=True, timeout=90
        )
        if done.returncode and re.search(r"network|offline|cache|there is no version of", done.stderr):
            pytest.skip(f"uv's cache lacks a package here: {done.stderr.strip()[-200:]}")
        assert done.returncode == 0, f"{there}\n{done.stderr}"
    return folder / "venv/bin/python"


@pytest.fixture(scope="module")
def actions_python(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return run_install("actions-packages", tmp_path_factory.mktemp("actions"))


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return copy_of_the_app(tmp_path_factory.mktemp("image") / "app")


def image_environment(folder: Path, python: Path, port: int = 0) -> dict[str, str]:
    """The image's variables and nothing of this machine's but the search path."""
    given = {name: value.replace("/app", str(folder)) for name, value in environment("app").items()}
    given["PATH"] = f"{python.parent}{os.pathsep}{os.environ['PATH']}"
    given["DATABASE_URL"] = f"sqlite:///{folder}/var/test.db"
    # This machine's other addresses stay closed in a test.
    return given | {
        "WUCHANG_ACTION_HOST": "127.0.0.1",
        "WUCHANG_ACTION_PORT": str(port),
        "WUCHANG_HOST": "127.0.0.1",
    }


# the file itself


def test_base_images_and_uv_have_versions() -> None:
    bases = {STAGES[stage][0][1] for stage in STAGES} - set(STAGES)
    assert bases == {"python:3.10-slim-bookworm"}
    assert (ROOT / ".python-version").read_text().strip() == "3.10"
    pinned = re.findall(r"\buv==([\d.]+)", TEXT)
    assert pinned == re.findall(r"^UV_VERSION := ([\d.]+)$", (ROOT / "Makefile").read_text(), re.M)


def test_every_file_copied_is_there_and_not_ignored() -> None:
    for stage in STAGES:
        for rest in of(stage, "COPY"):
            if rest.startswith("--from="):
                assert re.match(r"--from=(\S+)", rest)[1] in STAGES  # type: ignore[index]
                continue
            for source in rest.split()[:-1]:
                assert (ROOT / source).exists(), source
                assert f"!{source}" in IGNORED, f"{source} never reaches the builder"
    assert IGNORED[1] == "*"


def test_nothing_secret_or_made_reaches_the_builder() -> None:
    let_in = {line[1:] for line in IGNORED if line.startswith("!")}
    assert not let_in & {".", "docker", "var", "tests", ".git", ".env", "docker/.env"}
    assert not re.search(r"PASSWORD|TOKEN|SECRET", TEXT)


@pytest.mark.parametrize("stage", ["actions", "rasa"])
def test_an_image_runs_as_an_account_without_rights(stage: str) -> None:
    words = [word for word, _ in STAGES[stage]]
    assert of(stage, "USER") == ["wuchang"]
    assert words.index("USER") > max((i for i, word in enumerate(words) if word == "RUN"), default=0)
    assert of(stage, "VOLUME") == ["/app/var"]
    assert len(of(stage, "HEALTHCHECK")) == len(of(stage, "CMD")) == 1


@pytest.mark.parametrize("stage", ["actions", "rasa"])
def test_the_health_check_asks_the_port_that_is_served(stage: str) -> None:
    from bot.settings import Settings

    port = Settings().port if stage == "rasa" else Settings().action_port
    assert of(stage, "EXPOSE") == [port]
    command = json.loads(of(stage, "HEALTHCHECK")[0].split(" CMD ")[1])
    assert f"http://127.0.0.1:{port}/" in command[-1]
    compile(command[-1], "health check", "exec")
    if stage == "rasa":  # the very address that `wuchang serve` waits for
        assert "/webhooks/web/health" in command[-1]
        assert "/webhooks/web/health" in (ROOT / "bot/runtime/serve.py").read_text()


def test_the_shell_scripts_are_sound() -> None:
    for script in ("wuchang", "start-rasa.sh", "nginx-to-host.sh"):
        subprocess.run(["sh", "-n", str(DOCKER / script)], check=True)


# the install steps and start commands


def test_the_rasa_image_installs_from_the_lock_file(tmp_path: Path) -> None:
    python = run_install("rasa-packages", tmp_path)
    names = "rasa, rasa_sdk, telegram, sqlalchemy, psycopg2, redis, alembic, pycrfsuite, yaml"
    subprocess.run([str(python), "-W", "ignore", "-c", f"import {names}"], check=True, timeout=60)
    shutil.rmtree(tmp_path / "venv")  # 2.5 GB where the cache is on another disk


def test_the_actions_image_holds_all_that_the_actions_import_and_nothing_heavy(
    actions_python: Path, app: Path
) -> None:
    everything = (
        "import pkgutil, importlib, sys, psycopg2, bot.cli, bot.runtime.prepare\n"
        "import bot.runtime.action_server, actions\n"
        "for kind in (actions,):\n"
        "    for found in pkgutil.walk_packages(kind.__path__, kind.__name__ + '.'):\n"
        "        importlib.import_module(found.name)\n"
        "for subject in ('water', 'eldercare', 'contracts', 'documents', 'places', 'storage', 'dialogue'):\n"
        "    package = importlib.import_module('bot.' + subject)\n"
        "    for found in pkgutil.iter_modules(package.__path__, package.__name__ + '.'):\n"
        "        importlib.import_module(found.name)\n"
        "print(sorted({name.split('.')[0] for name in sys.modules}))\n"
    )
    command = [str(actions_python), "-W", "ignore", "-c", everything]
    done = subprocess.run(
        command, cwd=app, env=image_environment(app, actions_python), capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    assert not HEAVY & set(eval(done.stdout.splitlines()[-1], {}))
    found = {path.name for path in actions_python.parent.parent.glob("lib/python3.10/site-packages/*")}
    assert not HEAVY & found


@pytest.fixture
def action_server(actions_python: Path, app: Path) -> Iterator[int]:
    port = free_port()
    command = json.loads(of("actions", "CMD")[0])
    process = subprocess.Popen(
        [str(actions_python), *command[1:]], cwd=app, env=image_environment(app, actions_python, port),
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )  # fmt: skip
    try:
        for _ in range(2400):  # the first start learns the answers
            assert process.poll() is None, process.stdout and process.stdout.read().decode()
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{port}/health", timeout=1).close()
                break
            except OSError:
                time.sleep(0.05)
        yield port
    finally:
        process.terminate()
        process.wait(10)


def test_the_actions_image_starts_and_its_health_check_tells(
    action_server: int, actions_python: Path
) -> None:
    command = json.loads(of("actions", "HEALTHCHECK")[0].split(" CMD ")[1])
    check = [str(actions_python), *command[1:-1], command[-1].replace("5055", str(action_server))]
    assert subprocess.run(check, capture_output=True).returncode == 0
    check[-1] = check[-1].replace(str(action_server), str(free_port()))
    assert subprocess.run(check, capture_output=True).returncode != 0
    with urllib.request.urlopen(f"http://127.0.0.1:{action_server}/actions", timeout=5) as answer:
        assert len(json.load(answer)) > 3


def test_the_command_wuchang_works_in_the_actions_image(actions_python: Path, app: Path) -> None:
    (app / "var").mkdir(exist_ok=True)
    variables = image_environment(app, actions_python)

    def wuchang(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [str(DOCKER / "wuchang"), *arguments], cwd=app, env=variables, capture_output=True, text=True
        )

    for arguments in (["migrate"], ["incidents"], ["settings"]):
        done = wuchang(*arguments)
        assert done.returncode == 0, done.stderr
    assert "WUCHANG_OFFICE_PHONE" in done.stdout


def test_start_rasa_takes_the_images_model_in_place_of_an_older_one(tmp_path: Path) -> None:
    """The script with a stand-in for Python that notes its arguments, in a copy of the image's folder."""
    (tmp_path / "var/models").mkdir(parents=True)
    (tmp_path / "var/models/wuchang-old.tar.gz").touch()
    (tmp_path / "models").mkdir()
    (tmp_path / "models/wuchang-new.tar.gz").touch()
    stand_in = tmp_path / "bin/python"
    stand_in.parent.mkdir()
    stand_in.write_text('#!/bin/sh\necho "$@" >>calls\n[ "$3" = train ] && ls var/models/* || true\n')
    stand_in.chmod(0o755)
    path = f"{stand_in.parent}{os.pathsep}{os.environ['PATH']}"
    subprocess.run(
        ["sh", str(DOCKER / "start-rasa.sh")],
        cwd=tmp_path,
        env={"PATH": path},
        check=True,
        capture_output=True,
    )
    last = (tmp_path / "calls").read_text().splitlines()[-1]
    assert last == "-m bot.runtime.rasa_server var/models/wuchang-new.tar.gz"
