"""docker/nginx*.conf in a real nginx, for the tests of what stands behind it."""

from __future__ import annotations

import re
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from bot.settings import ROOT
from tests.ports import free_port

DOCKER = ROOT / "docker"
NGINX = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin:/usr/local/sbin")
needs_nginx = pytest.mark.skipif(NGINX is None, reason="no nginx here: apt-get install nginx-light")
needs_openssl = pytest.mark.skipif(not shutil.which("openssl"), reason="no openssl here, so no certificate")


@dataclass(frozen=True)
class Site:
    """A running nginx."""

    port: int
    tls_port: int
    folder: Path
    desk_port: int  # of the kind that was asked for


def free_ports(count: int) -> list[int]:
    return [free_port() for _ in range(count)]


def place(folder: Path, kind: str, rasa: int, desk_behind: int | None = None) -> Site:
    """The configuration in `folder`, changed in ports and folders alone; what is behind it listens on `rasa`, the desk
    on `desk_behind` where it is another."""
    plain, tls, health, desk, desk_tls = free_ports(5)
    changes = {
        r"listen 8080": f"listen 127.0.0.1:{plain}",
        r"listen 8443": f"listen 127.0.0.1:{tls}",
        r"127\.0\.0\.1:8081": f"127.0.0.1:{health}",
        r"listen 8090": f"listen 127.0.0.1:{desk}",
        r"listen 8444": f"listen 127.0.0.1:{desk_tls}",
        r"\brasa:5005": f"127.0.0.1:{rasa}",
        r"\bdesk:5065": f"127.0.0.1:{desk_behind or rasa}",
        r"/tmp/nginx": f"{folder}/nginx",
        r"error_log stderr": f"error_log {folder}/error.log",
        r"/dev/stdout": f"{folder}/access.log",
        r"/var/www/acme": f"{folder}/acme",
    }
    for source, target in (
        ("nginx", "nginx"),
        (f"nginx-{kind}", "server"),
        ("nginx-paths", "paths"),
        ("nginx-desk", "desk"),
    ):
        text = (DOCKER / f"{source}.conf").read_text(encoding="utf8")
        for old, new in changes.items():
            text = re.sub(old, new, text)
        (folder / f"{target}.conf").write_text(text, encoding="utf8")
    return Site(plain, tls, folder, desk if kind == "http" else desk_tls)


def certificate(folder: Path) -> None:
    (folder / "certs").mkdir()
    command = "openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost -keyout privkey.pem -out fullchain.pem"
    subprocess.run(command.split(), cwd=folder / "certs", check=True, capture_output=True)


def arguments(folder: Path) -> list[str]:
    return [str(NGINX), "-p", str(folder), "-c", str(folder / "nginx.conf"), "-e", str(folder / "error.log")]


@contextmanager
def started(folder: Path, kind: str, rasa: int, desk_behind: int | None = None) -> Iterator[Site]:
    """nginx before the servers on these ports."""
    if kind == "https":
        certificate(folder)
    site = place(folder, kind, rasa, desk_behind)
    folder.chmod(0o755)
    process = subprocess.Popen([*arguments(folder), "-g", "daemon off;"], stderr=subprocess.PIPE)
    try:
        wait_for(site.port, process)
        yield site
    finally:
        process.terminate()
        process.wait(10)


def wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    for _ in range(100):
        assert process.poll() is None, process.stderr and process.stderr.read().decode()
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        except OSError:
            time.sleep(0.05)
    raise AssertionError("nginx did not come up")
