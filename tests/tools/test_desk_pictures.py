"""What the pictures of the desk are taken of: there is something of everything, and the docs show them all."""

from __future__ import annotations

from datetime import datetime

from bot.desk.listing import Wanted, list_incidents
from bot.settings import ROOT
from bot.storage import talk_list
from bot.storage.database import session_scope
from tools.desk_pictures import fill


def test_there_is_something_to_be_seen(database_url: str, now: datetime) -> None:
    number, talk = fill(now)
    with session_scope() as session:
        lines = list_incidents(session, Wanted(), now=now).lines
        assert (lines[0].number, lines[0].grade, lines[0].awaits) == (number, "III", True)
        assert len(lines) == 3
        assert talk_list.find(session, talk).unanswered_since is not None


def test_the_docs_show_every_picture() -> None:
    page = (ROOT / "docs" / "desk-pages.md").read_text(encoding="utf8")
    pictures = sorted((ROOT / "docs" / "images").glob("desk-*.png"))
    assert len(pictures) == 5
    assert [picture.name for picture in pictures if picture.name not in page] == []
