"""Photos and files that wait for a report: put to the sender's own, a few each, swept where none comes."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.storage import attachments
from bot.storage.attachments import KEPT_UNFILED, MOST, MOST_UNFILED, Kept
from bot.storage.tables import Attachment
from tests.conftest import NOW
from tests.water.reporting.test_reports import file

PHOTO = Kept("photo.jpg", "image/jpeg", b"\xff\xd8\xff")


def keep(session: Session, sender: str = "a", days: float = 0) -> int:
    return attachments.keep(session, PHOTO, channel="web", sender=sender, now=NOW - timedelta(days=days))


def report_id(session: Session, sender: str = "a") -> int:
    from bot.storage.tables import OutageReport

    number = file(session, sender).number
    return int(session.scalars(select(OutageReport.id).where(OutageReport.number == number)).one())


def test_own_photos_are_put_to_a_report_and_nobody_else_s(session: Session) -> None:
    mine, theirs, report = keep(session), keep(session, "b"), report_id(session)
    assert attachments.attach(session, [mine, theirs, 999], report_id=report, sender="a") == 1
    assert attachments.of_report(session, report) == (PHOTO,)
    assert session.get(Attachment, theirs).report_id is None


def test_a_photo_stays_with_its_first_report(session: Session) -> None:
    photo, first, second = keep(session), report_id(session), report_id(session)
    attachments.attach(session, [photo], report_id=first, sender="a")
    assert attachments.attach(session, [photo], report_id=second, sender="a") == 0
    assert attachments.counts(session) == {first: 1}


def test_a_report_has_six_at_most(session: Session) -> None:
    report = report_id(session)
    photos = [keep(session) for _ in range(MOST + 2)]
    assert attachments.attach(session, photos[:4], report_id=report, sender="a") == 4
    assert attachments.attach(session, photos, report_id=report, sender="a") == 2
    assert attachments.attach(session, photos, report_id=report, sender="a") == 0
    assert attachments.counts(session, [report, 77]) == {report: MOST}


def test_what_nobody_reports_goes_after_two_days_and_what_is_reported_stays(session: Session) -> None:
    days, report = KEPT_UNFILED / timedelta(days=1), report_id(session)
    old, filed, young = (
        keep(session, days=days + 0.01),
        keep(session, days=days + 0.01),
        keep(session, days=days),
    )
    attachments.attach(session, [filed], report_id=report, sender="a")
    keep(session, "b")
    session.expire_all()
    left = set(session.scalars(select(Attachment.id)))
    assert {filed, young} <= left
    assert old not in left


def test_what_was_put_to_no_report_can_be_thrown_away(session: Session) -> None:
    gone, filed, theirs = keep(session), keep(session), keep(session, "b")
    attachments.attach(session, [filed], report_id=report_id(session), sender="a")
    attachments.discard(session, [gone, filed, theirs], sender="a")
    assert set(session.scalars(select(Attachment.id))) == {filed, theirs}


def test_which_still_wait(session: Session) -> None:
    filed, waits, theirs = keep(session), keep(session), keep(session, "b")
    attachments.attach(session, [filed], report_id=report_id(session), sender="a")
    assert attachments.unfiled(session, [theirs, waits, filed, 999], sender="a") == [waits]


def test_who_sends_photos_without_end_has_the_newest_kept(session: Session) -> None:
    theirs, filed = keep(session, "b"), keep(session)
    attachments.attach(session, [filed], report_id=report_id(session), sender="a")
    mine = [keep(session) for _ in range(MOST_UNFILED + 3)]
    assert set(session.scalars(select(Attachment.id))) == {theirs, filed, *mine[3:]}
