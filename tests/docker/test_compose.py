"""docker/compose.yml and what stands beside it: sound, closed to the outside, and in step with the project.

No engine runs here. The official schema comes with the tool check-jsonschema, which uv runs in an
environment of its own; without a network (and without uv's cache) that test is skipped.
"""

from __future__ import annotations

import os
import re
import shutil
import stat
import subprocess
import sys
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import yaml

from bot.settings import ENVIRONMENT_NAMES, ROOT, read_env_file

DOCKER = ROOT / "docker"
SERVICES = {"postgres", "redis", "migrate", "actions", "rasa", "desk", "nginx"}
# Fixed by the images or the compose file, so not for an operator to choose.
FIXED = {
    "WUCHANG_DATABASE_URL", "WUCHANG_TRACKER_URL", "WUCHANG_HOST", "WUCHANG_PORT",
    "WUCHANG_ACTION_HOST", "WUCHANG_ACTION_PORT", "WUCHANG_DESK_HOST", "WUCHANG_DESK_PORT", "WUCHANG_DESK_PROXIES",
}  # fmt: skip
REQUIRED = {"POSTGRES_PASSWORD", "REDIS_PASSWORD", "WUCHANG_DATA_KEY"}
MEMORY_MB = 3072  # a machine of 4 GB keeps a quarter for itself
UNITS = {"m": 1, "g": 1024}


def load(name: str) -> dict[str, Any]:
    return dict(yaml.safe_load((DOCKER / name).read_text(encoding="utf8")))


COMPOSE = load("compose.yml")
HTTPS = load("compose.https.yml")
TEXTS = {name: (DOCKER / name).read_text(encoding="utf8") for name in ("compose.yml", "compose.https.yml")}
NAMED = {name: COMPOSE["services"][name] for name in sorted(SERVICES)}


def variables(text: str) -> dict[str, str]:
    """${NAME} of a compose text with what follows the name (":-default", ":?message", "")."""
    return dict(re.findall(r"(?<!\$)\$\{(\w+)([^}]*)\}", text))


def uv() -> str:
    found = ROOT / ".tools/bin/uv"
    return str(found) if found.exists() else shutil.which("uv") or pytest.skip("no uv here")


@pytest.mark.parametrize("name", list(TEXTS))
def test_the_official_schema_accepts_it(name: str, tmp_path: Path) -> None:
    tool = [uv(), "tool", "run", "--quiet", "--python", sys.executable, "check-jsonschema==0.38.2"]
    check = [*tool, "--builtin-schema", "vendor.compose-spec"]
    wrong = tmp_path / "wrong.yml"
    wrong.write_text("services: {a: {image: x, portz: [1]}}")
    done = subprocess.run([*check, str(wrong)], capture_output=True, text=True, timeout=60)
    if "portz" not in done.stdout + done.stderr:
        pytest.skip(f"check-jsonschema cannot be had here: {done.stderr.strip()[-200:]}")
    done = subprocess.run([*check, str(DOCKER / name)], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stdout


def test_its_services_are_the_known_ones() -> None:
    assert set(COMPOSE["services"]) == SERVICES
    assert set(HTTPS["services"]) <= SERVICES


@pytest.mark.parametrize("name", [*NAMED])
def test_every_image_has_a_version_or_is_built_here(name: str) -> None:
    service = NAMED[name]
    if "build" not in service:
        assert re.fullmatch(r"[a-z]+:\d[\w.-]*", service["image"])
        return
    build = service["build"]
    dockerfile = DOCKER / build["context"] / build["dockerfile"]
    assert dockerfile.resolve() == DOCKER / "Dockerfile"
    assert re.search(rf"^FROM \S+ AS {build['target']}$", dockerfile.read_text(), re.M)


def test_only_nginx_has_a_port_of_the_machine() -> None:
    for services in (COMPOSE["services"], HTTPS["services"]):
        assert {name for name, service in services.items() if service.get("ports")} == {"nginx"}
    assert not any(service.get("network_mode") for service in NAMED.values())


def test_the_database_and_the_locks_are_out_of_reach_from_nginx_and_from_outside() -> None:
    assert COMPOSE["networks"]["back"]["internal"] is True
    assert {name for name, s in NAMED.items() if "front" in s["networks"]} == {"nginx", "rasa", "desk"}
    assert NAMED["nginx"]["networks"] == ["front"]


@pytest.mark.parametrize("name", sorted(SERVICES - {"migrate"}))
def test_a_service_that_stays_is_watched_and_comes_back(name: str) -> None:
    service = NAMED[name]
    assert service["restart"] == "unless-stopped"
    if "build" in service:
        stage = (DOCKER / "Dockerfile").read_text().split(f" AS {service['build']['target']}\n")[1]
        assert "HEALTHCHECK" in stage.split("\nFROM ")[0]
    else:
        assert service["healthcheck"]["test"][0] in ("CMD", "CMD-SHELL")


def test_each_starts_after_what_it_needs() -> None:
    for name, service in NAMED.items():
        for other, how in service.get("depends_on", {}).items():
            once = COMPOSE["services"][other]["restart"] == "no"
            expected = "service_completed_successfully" if once else "service_healthy"
            assert how == {"condition": expected}, f"{name} after {other}"
    chain = ["nginx", "rasa", "actions", "migrate", "postgres"]
    for later, earlier in pairwise(chain):
        assert earlier in NAMED[later]["depends_on"]
    assert "redis" in NAMED["rasa"]["depends_on"]


def test_all_of_it_fits_a_small_machine() -> None:
    limits = {name: str(service["mem_limit"]) for name, service in NAMED.items()}
    plain = {name: re.sub(r"\$\{\w+:-(\w+)\}", r"\1", limit) for name, limit in limits.items()}
    assert sum(int(limit[:-1]) * UNITS[limit[-1]] for limit in plain.values()) <= MEMORY_MB + 64
    assert int(plain["rasa"][:-1]) * UNITS[plain["rasa"][-1]] >= 800  # 650 MB and room


@pytest.mark.parametrize("name", sorted(SERVICES - {"postgres"}))
def test_a_service_has_no_more_rights_than_it_needs(name: str) -> None:
    service = NAMED[name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert service.get("user", "root") != "root" or "build" in service  # the images built here name their own
    assert service["tmpfs"]


def test_named_volumes_hold_what_must_stay() -> None:
    used = {str(v).split(":")[0] for s in NAMED.values() for v in s.get("volumes", [])}
    assert (
        {name for name in used if not name.startswith(".")} == set(COMPOSE["volumes"]) == {"postgres", "var"}
    )


@pytest.mark.parametrize("text", list(TEXTS.values()), ids=list(TEXTS))
def test_every_file_mounted_is_there_and_read_only(text: str) -> None:
    for path, options in re.findall(r"- \./([\w./-]+):[\w./-]+:?(\w*)", text):
        assert options == "ro", path
        if path not in ("certs", "acme"):  # the operator's
            assert (DOCKER / path).is_file(), path


def test_every_variable_is_explained_and_secrets_have_no_default() -> None:
    example = read_env_file(DOCKER / ".env.example")
    used = {name: rest for text in TEXTS.values() for name, rest in variables(text).items()}
    assert set(used) == set(example)
    for name, rest in used.items():
        assert rest.startswith(":?" if name in REQUIRED else ":-"), name
    assert [example[name] for name in sorted(REQUIRED)] == [""] * len(REQUIRED)
    for name in set(example) - REQUIRED - {"WUCHANG_HTTPS_PORT", "WUCHANG_DESK_HTTPS_LISTEN"}:
        assert example[name] == variables(TEXTS["compose.yml"])[name].removeprefix(":-"), name


def test_every_setting_reaches_the_services() -> None:
    settable = set(ENVIRONMENT_NAMES.values()) - FIXED
    for name in ("actions", "migrate", "rasa", "desk"):
        assert settable <= set(NAMED[name]["environment"]), name
        known = set(ENVIRONMENT_NAMES.values()) | {
            "DATABASE_URL",
            "WUCHANG_ACTION_URL",
            "REDIS_PASSWORD",
            "SANIC_WORKERS",
        }
        assert set(NAMED[name]["environment"]) <= known


def test_endpoints_are_the_projects_with_locks_in_redis() -> None:
    ours, theirs = load("endpoints.compose.yml"), yaml.safe_load((ROOT / "endpoints.yml").read_text())
    lock_store = ours.pop("lock_store")
    theirs.pop("lock_store", None)
    assert ours == theirs
    assert lock_store["url"] == "redis"
    text = (DOCKER / "endpoints.compose.yml").read_text() + (ROOT / "credentials.yml").read_text()
    wanted = set(re.findall(r"\$\{(\w+)\}", re.sub(r"(?m)^\s*#.*", "", text)))
    assert wanted <= set(NAMED["rasa"]["environment"])


def test_rasa_itself_takes_the_lock_store(monkeypatch: pytest.MonkeyPatch) -> None:
    from rasa.core.lock_store import LockStore, RedisLockStore
    from rasa.core.utils import AvailableEndpoints, number_of_sanic_workers

    for name in ("WUCHANG_ACTION_URL", "WUCHANG_TRACKER_URL", "REDIS_PASSWORD"):
        monkeypatch.setenv(name, "secret1")
    monkeypatch.setenv("SANIC_WORKERS", "2")
    endpoints = AvailableEndpoints.read_endpoints(str(DOCKER / "endpoints.compose.yml"))
    store = LockStore.create(endpoints.lock_store)
    assert isinstance(store, RedisLockStore)
    options = store.red.connection_pool.connection_kwargs
    assert (options["host"], options["port"], options["db"], options["password"]) == (
        "redis",
        6379,
        0,
        "secret1",
    )
    assert store.key_prefix == "wuchang:lock:"
    assert number_of_sanic_workers(endpoints.lock_store) == 2


def test_scripts_may_be_run_and_secrets_are_not_committed() -> None:
    for name in ("wuchang", "start-rasa.sh", "nginx-to-host.sh"):
        assert os.stat(DOCKER / name).st_mode & stat.S_IXUSR, name
    assert ".env" in (ROOT / ".gitignore").read_text().splitlines()
