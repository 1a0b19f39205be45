"""Photos of reports: those of the draft when it is filed or corrected, and those that come later."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from bot.errors import NotFound
from bot.storage import attachments
from bot.storage.attachments import MOST, Kept
from bot.storage.tables import Attachment
from bot.water.reporting.amending import filed_draft, revise, settle
from bot.water.reporting.photos import ATTACH_WITHIN, Attached, attach_to_last, photos_of
from bot.water.talk.draft import Draft
from bot.water.telling.standing import report_lines
from tests.conftest import NOW
from tests.water.reporting.test_reports import DRAFT, file

LATER = NOW + timedelta(hours=3)


def keep(session: Session, name: str = "photo.jpg", sender: str = "a") -> int:
    photo = Kept(name, "image/jpeg", name.encode())
    return attachments.keep(session, photo, channel="web", sender=sender, now=NOW)


def names(session: Session, number: str) -> list[str]:
    return [kept.name for kept in photos_of(session, number)]


def test_a_draft_in_a_slot_keeps_its_photos() -> None:
    assert Draft.from_json(replace(DRAFT, photos=(3, 4)).to_json()).photos == (3, 4)
    before = {key: value for key, value in DRAFT.to_json().items() if key != "photos"}
    assert Draft.from_json(before) == DRAFT  # one from before there were photos


def test_filing_puts_the_photos_of_the_draft_to_the_report(session: Session) -> None:
    mine, theirs = keep(session), keep(session, sender="b")
    filed = file(session, photos=(mine, theirs))
    file(session)
    assert names(session, filed.number) == ["photo.jpg"]
    assert [line["photos"] for line in report_lines(session)] == [1, 0]
    assert session.get(Attachment, theirs).report_id is None


def test_filing_sweeps_what_others_never_reported(session: Session) -> None:
    days = attachments.KEPT_UNFILED + timedelta(minutes=1)
    photo = Kept("photo.jpg", "image/jpeg", b"x")
    mine, theirs = (
        attachments.keep(session, photo, channel="web", sender=sender, now=NOW - days) for sender in "ab"
    )
    file(session, photos=(mine,))
    session.expire_all()
    assert session.get(Attachment, mine).report_id is not None
    assert session.get(Attachment, theirs) is None


def test_a_correction_adds_its_photos(session: Session) -> None:
    filed = file(session, photos=(keep(session, "1.jpg"),))
    draft = filed_draft(session, sender="a", said="", now=NOW)
    assert draft is not None
    revise(session, draft=replace(draft, photos=(keep(session, "2.jpg"),)), now=NOW)
    assert names(session, filed.number) == ["1.jpg", "2.jpg"]


def test_a_photo_sent_later_goes_to_the_last_open_report(session: Session) -> None:
    first, last = file(session), file(session)
    assert attach_to_last(session, [keep(session)], sender="a", now=LATER) == Attached(last.number, True)
    settle(session, sender="a", now=LATER, restored=False)
    assert attach_to_last(session, [keep(session)], sender="a", now=LATER) == Attached(first.number, True)
    assert attach_to_last(session, [keep(session)], sender="b", now=LATER) is None
    assert attach_to_last(session, [keep(session)], sender="a", now=NOW + ATTACH_WITHIN) is not None
    late = NOW + ATTACH_WITHIN + timedelta(seconds=1)
    assert attach_to_last(session, [keep(session)], sender="a", now=late) is None


def test_what_finds_no_room_is_told_and_not_kept(session: Session) -> None:
    number = file(session, photos=tuple(keep(session) for _ in range(MOST))).number
    more = keep(session)
    assert attach_to_last(session, [more], sender="a", now=LATER) == Attached(number, False)
    assert session.get(Attachment, more) is None


def test_a_report_is_found_as_staff_type_its_number(session: Session) -> None:
    number = file(session).number
    assert photos_of(session, f" {number.lower()} ") == ()
    with pytest.raises(NotFound, match="no report HN261123-999"):
        photos_of(session, "HN261123-999")
