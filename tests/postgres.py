"""A real PostgreSQL from the machine's packages, for as long as the tests run."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.ports import free_port

OWNER = "postgres"  # initdb refuses to run as root
# Nothing of it need survive a crash: each write to disk that is not waited for saves time.
_FAST = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "shared_buffers=16MB")


def programs() -> Path | None:
    """The folder of initdb and pg_ctl, newest version first; None where there is none."""
    debian = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda p: int(p.parent.name), reverse=True)
    on_path = shutil.which("initdb")
    folders = [*debian, *([Path(on_path).resolve().parent] if on_path else [])]
    return next((f for f in folders if (f / "initdb").is_file() and (f / "pg_ctl").is_file()), None)


def missing() -> str | None:
    """Why no server can be started here; None where one can."""
    if programs() is None:
        return "no PostgreSQL here: no initdb in /usr/lib/postgresql/*/bin nor on the path (apt-get install postgresql)"
    if os.geteuid() == 0 and OWNER not in {user.pw_name for user in pwd.getpwall()}:
        return f"initdb refuses to run as root, and this machine has no user {OWNER}"
    return None


def _run(*command: str) -> None:
    """Run a program of PostgreSQL as its own user; its output is part of the error."""
    as_owner = ["runuser", "-u", OWNER, "--"] if os.geteuid() == 0 else []
    done = subprocess.run(
        [*as_owner, *command], cwd="/", stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60
    )
    if done.returncode:
        raise RuntimeError(f"{command[0]} failed: {done.stdout}{done.stderr}")


@contextmanager
def server() -> Iterator[str]:
    """Start a server on a free port of this machine alone; its address, without a database's name."""
    bin_folder = programs()
    assert bin_folder is not None
    folder = Path(tempfile.mkdtemp(prefix="wuchang-postgres-", dir="/tmp"))
    data, port = folder / "data", free_port()
    try:
        if os.geteuid() == 0:
            shutil.chown(folder, OWNER)
        _run(
            str(bin_folder / "initdb"), "-D", str(data), "-U", "wuchang", "-A", "trust", "-E", "UTF8", "--locale=C",
            "--no-sync",
        )  # fmt: skip
        options = " ".join(
            f"-c {setting}"
            for setting in (f"port={port}", "listen_addresses=127.0.0.1", "unix_socket_directories=", *_FAST)
        )
        control = (str(bin_folder / "pg_ctl"), "-D", str(data), "-w")
        _run(*control, "-l", str(folder / "log"), "-o", options, "start")
        try:
            yield f"postgresql+psycopg2://wuchang@127.0.0.1:{port}"
        finally:
            _run(*control, "-m", "immediate", "stop")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def restart(folder: str) -> None:
    """Start the server whose data lie in `folder` anew, at the same port; who is connected is thrown out."""
    bin_folder = programs()
    assert bin_folder is not None
    log = str(Path(folder).parent / "log")
    _run(str(bin_folder / "pg_ctl"), "-D", folder, "-w", "-m", "fast", "-l", log, "restart")
