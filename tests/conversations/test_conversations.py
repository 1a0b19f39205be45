"""Conversations of the YAML files beside this one, against the really trained model.

Each turn: what the person says (`user`), sends (`file`, a path in the project, or `photo: true`; then `user` stands under it)
or presses (`press`, a regular expression for the title or payload of a button that was shown, the latest such), what the answer must hold (`says`,
regular expressions) and must not (`never`). `at` sets the clock from there on; `fresh` begins with nothing of the conversation in mind.
`talk` is what staff do in between: `take` the conversation, give it `back`, or words that they say in it; `silent: true` wants no answer.
`desk` is what staff do before the turn: `close` or `confirm` an incident, `expected` of one, `announce` a planned outage.
`villages` are imported before, with their townships; `staff` are added before, each with the code that binds.
At the end `stored` holds what the database must have, and nothing more of that kind.
"""

from __future__ import annotations

import re
from datetime import datetime
from functools import partial
from typing import Any

import pytest
import yaml
from sqlalchemy import select
from sqlalchemy.orm import Session

from bot import clock
from bot.contracts.desk import case_lines
from bot.contracts.records import record_lines
from bot.documents.votes import question_lines
from bot.eldercare.points import import_points, read_points
from bot.eldercare.wishes import care_lines, volunteer_lines
from bot.places.importer import PlaceRow, import_places
from bot.runtime.prepare import SAMPLE_POINTS
from bot.settings import ROOT
from bot.storage import staff, talk_lines, talk_list, talks
from bot.storage.database import engine_for
from bot.storage.inbox import feedback_lines, handover_lines, subscription_lines
from bot.storage.outbox import outgoing_lines
from bot.storage.tables import Handover
from bot.water.incidents.closing import close_incident
from bot.water.incidents.incidents import incident_lines
from bot.water.incidents.moments import find_incident
from bot.water.telling import news
from bot.water.telling.planned import announce
from bot.water.telling.standing import report_lines
from tests.conversations.assistant import CASES, Assistant, plain


def desk(session: Session, done: dict[str, Any]) -> None:
    now = clock.now()
    for what, given in done.items():
        if what == "close":
            close_incident(session, number=given, by="张三", now=now)
        elif what == "confirm":
            incident = find_incident(session, given)
            incident.confirmed_at = now
            news.confirmed(session, incident, by="张三", now=now)
        elif what == "expected":
            news.set_expected(session, number=given["number"], at=given["at"], by="张三", now=now)
        else:
            assert what == "announce"
            announce(session, **given, by="张三", now=now)


LISTS = {
    "reports": report_lines,
    "care": care_lines,
    "volunteers": volunteer_lines,
    "handovers": handover_lines,
    "talk": lambda session: [
        {"by": line.by, "text": line.text}
        for one in session.scalars(select(Handover.id)).all()[:1]
        for line in talk_lines.lines_of(session, one)
    ],
    "feedback": feedback_lines,
    "questions": question_lines,
    "subscriptions": subscription_lines,
    "records": record_lines,
    "cases": case_lines,
    "reminders": outgoing_lines,
    "staff": lambda session: [
        {**line, "accounts": len(line["accounts"])} for line in staff.staff_lines(session)
    ],
    "incidents": lambda session: incident_lines(session, clock.now()),
}


def cases() -> list[Any]:
    found = []
    for path in sorted(CASES.glob("*.yml")):
        for case in yaml.safe_load(path.read_text(encoding="utf8")):
            found.append(pytest.param(case, id=f"{path.stem}: {case['name']}"))
    return found


@pytest.fixture(scope="session")
def assistant() -> Assistant:
    return Assistant()


@pytest.mark.parametrize("case", cases())
def test_conversation(
    case: dict[str, Any],
    assistant: Assistant,
    database_url: str,
    now: datetime,
    monkeypatch: pytest.MonkeyPatch,
    request: pytest.FixtureRequest,
) -> None:
    with Session(engine_for(database_url), future=True) as session, session.begin():
        import_points(session, read_points(SAMPLE_POINTS))
        villages = enumerate(case.get("villages", []))
        import_places(
            session, [PlaceRow(str(i), "village", name, town, None) for i, (name, town) in villages]
        )
        for name, code in case.get("staff", {}).items():
            monkeypatch.setattr(staff, "_made", lambda code=code: code)
            staff.add(session, name=name, role=None, now=now)
            staff.new_code(session, name=name, now=now)
    log: list[str] = []
    buttons: list[dict[str, str]] = []
    for turn in case["turns"]:
        sender = f"{turn.get('from', 'a')} {request.node.nodeid}"
        if "at" in turn:
            monkeypatch.setattr(clock, "now", partial(datetime.fromisoformat, turn["at"]))
        with Session(engine_for(database_url), future=True) as session, session.begin():
            desk(session, turn.get("desk", {}))
        if turn.get("fresh"):
            assistant.forget(sender)
        if "talk" in turn:
            at_the_desk(database_url, turn["talk"], now)
            continue
        said = (
            turn.get("user")
            or turn.get("file")
            or ("[photo]" if turn.get("photo") else pressed(buttons, turn["press"]))
        )
        if turn.get("photo"):
            answered = assistant.send_photo(sender, turn.get("user"))
        else:
            answered = (
                assistant.send_file(sender, ROOT / turn["file"], turn.get("user"))
                if "file" in turn
                else assistant.say(sender, said)
            )
        buttons += [button for message in answered for button in message.get("buttons", [])]
        answer = plain(answered)
        log.append(f"> {said}\n{answer}")
        shown = "\n".join(log)
        assert bool(answer.strip()) is not turn.get("silent", False), f"an answer, or none:\n{shown}"
        for wanted in turn.get("says", []):
            assert re.search(wanted, answer), f"{wanted!r} is not said:\n{shown}"
        for unwanted in turn.get("never", []):
            assert not re.search(unwanted, answer), f"{unwanted!r} is said:\n{shown}"
    with Session(engine_for(database_url), future=True) as session:
        for kind, wanted_rows in case.get("stored", {}).items():
            rows = list(LISTS[kind](session))
            assert len(rows) == len(wanted_rows), f"{kind}: {rows}\n" + "\n".join(log)
            for row, wanted in zip(rows, wanted_rows, strict=True):
                for key, value in wanted.items():
                    assert fits(row[key], value), (
                        f"{kind}.{key}: {row[key]!r}, wanted {value!r}\n" + "\n".join(log)
                    )


def at_the_desk(database_url: str, does: str, now: datetime) -> None:
    """Take the first conversation that waits, say something in it, or give it back."""
    with Session(engine_for(database_url), future=True) as session, session.begin():
        one = talk_list.waiting(session)[0].id
        if does == "take":
            talks.take(session, handover_id=one, by="值班员甲", now=now)
        elif does == "back":
            talks.hand_back(session, handover_id=one, by="值班员甲", now=now, farewell="先说到这里")
        else:
            talks.say(session, handover_id=one, by="值班员甲", text=does, now=now)


def fits(stored: Any, wanted: Any) -> bool:
    """Text is a regular expression to be found; everything else must be equal."""
    if isinstance(wanted, str) and isinstance(stored, str):
        return re.search(wanted, stored) is not None
    return bool(stored == wanted)


def pressed(buttons: list[dict[str, str]], wanted: str) -> str:
    """The payload of the latest button that fits; fails where none was shown."""
    found = [
        b["payload"] for b in buttons if re.search(wanted, b["title"]) or re.search(wanted, b["payload"])
    ]
    assert found, f"no button {wanted!r} among {buttons}"
    return found[-1]
