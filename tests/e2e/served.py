"""`wuchang serve` as a person starts it, on free ports and a database of its own."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import urllib.request
from pathlib import Path
from typing import Any

from sqlalchemy import update
from sqlalchemy.orm import Session

from bot.settings import ROOT
from bot.storage.database import engine_for
from bot.storage.tables import Incident
from tests.ports import free_port

READY_SECONDS = 240


class Served:
    """A running assistant; `lines` is what it printed."""

    def __init__(self, database_url: str, folder: Path) -> None:
        self.port, self.action_port, self.database_url = free_port(), free_port(), database_url
        self.desk_port = free_port()
        environment = {
            **os.environ,
            "WUCHANG_PORT": str(self.port),
            "WUCHANG_ACTION_PORT": str(self.action_port),
            "WUCHANG_DESK_PORT": str(self.desk_port),
            "WUCHANG_DATABASE_URL": database_url,
            "WUCHANG_TIMEZONE": "Asia/Shanghai",
        }
        self.environment = environment
        self.log = folder / "serve.log"
        self.process = subprocess.Popen(
            [sys.executable, "-m", "bot.cli", "serve"],
            cwd=ROOT,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=self.log.open("wb"),
            start_new_session=True,
        )
        self.lines: list[str] = []
        self._ready = threading.Event()
        threading.Thread(target=self._read, daemon=True).start()
        if not self._ready.wait(READY_SECONDS):
            self.stop()
            raise AssertionError(
                f"not ready after {READY_SECONDS} s:\n{self.log.read_text(errors='replace')[-3000:]}"
            )

    def _read(self) -> None:
        assert self.process.stdout is not None
        for raw in self.process.stdout:
            self.lines.append(raw.decode("utf8"))
            if "ready:" in self.lines[-1]:
                self._ready.set()

    @property
    def chat_url(self) -> str:
        return next(line.split("ready: ")[1].strip() for line in self.lines if "ready: " in line)

    def say(self, sender: str, message: str) -> list[dict[str, Any]]:
        """One message over Rasa's REST channel."""
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.port}/webhooks/rest/webhook",
            json.dumps({"sender": sender, "message": message}).encode(),
            {"Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=90) as response:
            answer: list[dict[str, Any]] = json.load(response)
        return answer

    def listed(self, command: str) -> list[dict[str, Any]]:
        """What a listing command of staff prints."""
        done = subprocess.run(
            [sys.executable, "-m", "bot.cli", command],
            cwd=ROOT,
            env=self.environment,
            capture_output=True,
            check=True,
        )
        return [json.loads(line) for line in done.stdout.splitlines()]

    def close_all(self) -> None:
        """Every incident is over, so that what one test reports is not asked about in the next."""
        with Session(engine_for(self.database_url), future=True) as session, session.begin():
            session.execute(update(Incident).values(status="closed"))

    def stop(self) -> int:
        """Ctrl-C; the exit status."""
        self.process.send_signal(signal.SIGINT)
        try:
            return self.process.wait(20)
        except subprocess.TimeoutExpired:
            os.killpg(self.process.pid, signal.SIGKILL)
            raise
