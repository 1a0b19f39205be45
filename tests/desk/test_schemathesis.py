"""Schemathesis at the JSON API of a running desk: no 500, and no answer that its OpenAPI document does not tell of."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy import select

from bot.desk import audit, sessions
from bot.desk.api_document import OPERATIONS
from bot.settings import ROOT
from bot.storage.database import session_scope
from bot.storage.tables import AuditEntry, DeskSession, IncidentEvent

from .served import served_desk
from .test_api import fill

TOOL = ROOT / ".tools" / "bin" / "schemathesis"
EXAMPLES = 10  # of each operation
NUMBER, KEY = "SJ261122-001", "4.2.1-company-to-county"
# An incident and a duty that are there, so that not all of it ends at 404.
KNOWN = f'parameters = {{ "path.number" = "{NUMBER}", "path.key" = "{KEY}" }}\n'

pytestmark = pytest.mark.skipif(
    not TOOL.exists(), reason="no schemathesis here: make .tools/bin/schemathesis"
)


@pytest.fixture
def desk(people: dict[str, int], now: datetime) -> Iterator[tuple[int, str, str]]:
    """A desk with incidents; its port, and the cookie and token of a duty officer."""
    with session_scope() as session:
        assert NUMBER in fill(session, now)
        token = sessions.begin(session, user_id=people["duty"], now=now)
        csrf = session.scalars(select(DeskSession.csrf).where(DeskSession.user_id == people["duty"])).one()
    with served_desk() as port:
        yield port, token, csrf


def run(port: int, token: str, csrf: str, folder: Path, *, known: bool) -> subprocess.CompletedProcess[str]:
    (folder / "schemathesis.toml").write_text(KNOWN if known else "")
    command = [
        str(TOOL), "run", f"http://127.0.0.1:{port}/api/openapi.json", "--phases", "coverage,fuzzing",
        "--header", f"Cookie: desk={token}", "--header", f"X-CSRF: {csrf}", "--max-examples", str(EXAMPLES),
        # Who may do what is walked through in test_every_route.py; here the session comes along with all.
        "--exclude-checks", "ignored_auth", "--generation-with-security-parameters", "false", "--seed", "6", "--generation-deterministic", "--no-color",
    ]  # fmt: skip
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=280)


@pytest.mark.timeout(300)
@pytest.mark.parametrize("known", [True, False], ids=["an incident that is there", "whatever number comes"])
def test_the_api_is_as_its_document_says(desk: tuple[int, str, str], tmp_path: Path, known: bool) -> None:
    done = run(*desk, tmp_path, known=known)
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]
    # All but the document itself.
    assert f"Tested: {len(OPERATIONS) - 1}" in done.stdout, done.stdout[-3000:]
    with session_scope() as session:
        ticked = session.scalars(select(IncidentEvent.id).where(IncidentEvent.kind == "duty")).all()
        lines = session.scalars(select(AuditEntry.action)).all()
        assert audit.verify(session).holds
    if known:  # else it tries what the list tells it, or not
        assert lines
        assert ticked
