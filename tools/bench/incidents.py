"""Filing and joining a report, and the list of incidents, with ten thousand to a million reports stored.

On SQLite, and on PostgreSQL where this machine has one (`tests/postgres.py` starts it). One report in fifty is of an
incident that is open now, one incident has four thousand of them, and a county town's worth of townships is used, so
that joining has to choose.
"""

from __future__ import annotations

import random
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import insert, select, text
from sqlalchemy.orm import Session

from bot.desk.listing import ORDERS, Wanted, list_incidents
from bot.places.gazetteer import gazetteer
from bot.storage.database import engine_for, migrate
from bot.storage.tables import Incident, IncidentDuty, OutageReport
from bot.water.incidents.assessing import refresh
from bot.water.reporting.reports import file_report
from bot.water.talk.draft import Draft
from tools.bench.stats import MILLI, percentile

SIZES = {"10k": 10_000, "100k": 100_000, "1m": 1_000_000}
NOW = datetime(2026, 11, 23, 18, 0)
_A_BATCH = 20_000
_REPORTS_EACH = 10  # of an incident that is over
_LARGEST = 4_000
_FILED, _LISTED, _WARM_UP = 200, 40, 20
_OPEN_SHARE = 50
_PLACES = 500
_AREAS = [
    f"{name}{kind}" for name in "东南西北中上下前后高" for kind in ("塘村", "岭村", "街", "小区", "桥村")
]


def measure(size: str) -> dict[str, float]:
    """The rows `join_*` and `list_*` of one size, in milliseconds; those of PostgreSQL with `_pg` behind the size."""
    figures: dict[str, float] = {}
    for suffix, url in _databases():
        migrate(url)
        _fill(url, SIZES[size])
        joining, listing = _join_times(url), _list_times(url)
        figures |= {
            f"join_{size}{suffix}_p50": percentile(joining, 0.5) * MILLI,
            f"join_{size}{suffix}_p95": percentile(joining, 0.95) * MILLI,
            f"list_{size}{suffix}_p95": percentile(listing, 0.95) * MILLI,
        }
        engine_for(url).dispose()
    return figures


def _databases() -> Iterator[tuple[str, str]]:
    from tests import postgres

    with tempfile.TemporaryDirectory(prefix="wuchang-bench-") as folder:
        yield "", f"sqlite:///{Path(folder)}/bench.db"
    if postgres.missing() is None:
        with postgres.server() as server:
            yield "_pg", f"{server}/postgres"


def _fill(url: str, reports: int) -> None:
    """Incidents and reports of two years, and a day with many open ones."""
    dice = random.Random(7)  # figures for load, not for secrets
    townships = gazetteer().townships
    still_open = max(50, reports // _OPEN_SHARE // _REPORTS_EACH)
    plan: list[tuple[bool, int]] = [(True, min(_LARGEST, reports // 4))]
    plan += [
        (number < still_open, _REPORTS_EACH) for number in range((reports - plan[0][1]) // _REPORTS_EACH)
    ]
    incidents: list[dict[str, Any]] = []
    rows: list[dict[str, Any]] = []
    with engine_for(url).begin() as connection:
        for number, (is_open, count) in enumerate(plan, 1):
            incident = _incident(dice, number, townships, is_open, count)
            incidents.append(incident)
            rows += [_report(dice, len(rows) + one, incident) for one in range(count)]
            if len(rows) >= _A_BATCH or number == len(plan):
                connection.execute(insert(Incident.__table__), incidents)
                connection.execute(insert(OutageReport.__table__), _numbered(rows))
                incidents, rows = [], []
        connection.execute(insert(IncidentDuty.__table__), [_duty(one) for one in range(1, still_open)])
        _next_ids(connection)
    with engine_for(url).connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        # Rows that lie there for two years were looked after long ago, which PostgreSQL would do now, while it is measured.
        connection.execute(text("VACUUM ANALYZE" if connection.dialect.name == "postgresql" else "ANALYZE"))
    with Session(engine_for(url), future=True) as session, session.begin():
        refresh(session, session.get(Incident, 1), now=NOW)


_serial = [0]


def _numbered(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    for row in rows:
        _serial[0] += 1
        row["number"] = f"HN-{_serial[0]}"
    return rows


def _incident(
    dice: random.Random, number: int, townships: tuple[str, ...], is_open: bool, count: int
) -> dict[str, Any]:
    at = NOW - timedelta(hours=dice.uniform(0, 20)) if is_open else NOW - timedelta(days=dice.uniform(2, 700))
    return {
        "id": number, "number": f"SJ-{number}", "status": "open" if is_open else "closed", "kind": "supply",
        "township": townships[number % len(townships)], "area": f"{dice.choice(_AREAS)}{number % 7 or ''}",
        "started_at": at - timedelta(hours=1), "opened_at": at, "last_report_at": at, "facts": {}, "drill": False,
        "version": 1, "clauses": [] if is_open else ["3.2.4(4)"], "grade": None if is_open else "IV",
        "graded_at": at, "reports_count": count, "households_count": count,
        "closed_at": None if is_open else at + timedelta(hours=8),
    }  # fmt: skip


def _report(dice: random.Random, number: int, incident: dict[str, Any]) -> dict[str, Any]:
    at = incident["opened_at"] + timedelta(minutes=number % 90)
    return {
        "number": "", "township": incident["township"], "place": f"{incident['township']}{incident['area']}",
        "area": incident["area"], "problem": "no_water", "also_problems": [], "started_at": incident["started_at"],
        "latest_start": incident["started_at"], "started_grain": "hour", "household": f"{dice.getrandbits(128):032x}",
        "urgent": False, "text": "", "status": incident["status"], "joined": "rule", "drill": False,
        "incident_id": incident["id"], "channel": "web", "sender_id": f"{dice.getrandbits(64):016x}", "created_at": at,
    }  # fmt: skip


def _duty(incident: int) -> dict[str, Any]:
    return {
        "incident_id": incident, "key": "k", "who": "县自来水有限公司", "what": "x", "clause": "4.2.1",
        "added_at": NOW, "due_at": NOW + timedelta(minutes=incident % 60 - 30),
    }  # fmt: skip


def _next_ids(connection: Any) -> None:
    """Rows with ids of their own do not move PostgreSQL's counter."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT setval('incident_id_seq', (SELECT max(id) FROM incident))"))


def _join_times(url: str) -> list[float]:
    """Seconds of filing and joining one report, its transaction and commit included."""
    dice = random.Random(11)
    with Session(engine_for(url), future=True) as session:
        query = select(Incident.township, Incident.area, Incident.started_at).where(Incident.status == "open")
        places = session.execute(query.order_by(Incident.id).limit(_PLACES)).all()

    def once(number: int) -> None:
        # Each tenth to the incident with thousands of reports, which is the first.
        township, area, began = places[0] if number % 10 == 0 else dice.choice(places)
        draft = Draft(
            id=f"bench-{number}", problems=("no_water",), township=township, place=f"{township}{area}", detail=area,
            started_at=began.isoformat(), started_grain="hour", phone=f"139{number:08d}", words=("停水了",),
        )  # fmt: skip
        at = NOW + timedelta(seconds=number)
        with Session(engine_for(url), future=True) as session, session.begin():
            file_report(session, draft=draft, channel="web", sender=f"s{number}", now=at)

    return _times(once, _FILED)


def _list_times(url: str) -> list[float]:
    """Seconds of a page of the desk's list, in each of its orders."""

    def once(number: int) -> None:
        order = ORDERS[number % len(ORDERS)]
        with Session(engine_for(url), future=True) as session:
            list_incidents(session, Wanted(order=order), now=NOW)

    return _times(once, _LISTED)


def _times(call: Callable[[int], None], count: int) -> list[float]:
    times = []
    for number in range(count + _WARM_UP):
        begun = time.perf_counter()
        call(number)
        times.append(time.perf_counter() - begun)
    return times[_WARM_UP:]
