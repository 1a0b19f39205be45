"""Conversations at the desk: taken, answered, handed back; who wrote is not seen by more people than need be."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import pytest
from sqlalchemy.orm import Session

from bot.storage import attachments, outbox, talks
from bot.storage.attachments import Kept

from .cases import asked, in_database
from .conftest import Browser
from .test_pages import after, seen, text_of

Open = Callable[..., Browser]


@pytest.fixture
def one(people: dict[str, int], now: datetime) -> int:
    return in_database(lambda session: asked(session, now))


def told(now: datetime) -> tuple[str, ...]:
    return in_database(lambda s: outbox.collect(s, channel="web", sender="web-a", now=now))


def test_a_talk_from_taking_to_handing_back(browser: Open, one: int, now: datetime) -> None:
    duty, path = browser("duty"), f"/handovers/{one}"
    assert "没人接手" in seen(duty, "/handovers")
    assert "助手还在自动回话" in seen(duty, path)
    assert "您接手了" in after(duty, f"{path}/take", path)
    in_database(lambda s: talks.heard(s, handover_id=one, text="水还没来，打13912340001", now=now))
    shown = seen(duty, path)
    assert "水还没来" in shown
    assert "13912340001" not in shown
    assert "发出去了" in after(duty, f"{path}/say", path, text="马上派人来")
    assert told(now) == ("【值班人员】马上派人来",)
    assert "zhiban" in seen(duty, path)
    assert "交还给助手了" in after(duty, f"{path}/back", path)
    assert told(now) == ("值班人员先说到这里。还有什么事，接着跟我说就行。",)
    assert "现在没有人等回话" in seen(duty, "/handovers")


def test_who_writes_english_is_answered_as_such(browser: Open, people: dict[str, int], now: datetime) -> None:
    english = in_database(lambda s: asked(s, now, text="I want to talk to a person", phone=None))
    duty, path = browser("duty"), f"/handovers/{english}"
    after(duty, f"{path}/take", path)
    after(duty, f"{path}/say", path, text="We are on the way {now}")
    assert told(now) == ("[Staff] We are on the way {now}",)


def test_a_colleague_takes_over_only_by_saying_so(browser: Open, one: int) -> None:
    duty, admin, path = browser("duty"), browser("admin"), f"/handovers/{one}"
    after(duty, f"{path}/take", path)
    answer = admin.submit(f"{path}/take", page=path)
    assert answer.status_code == 422
    assert "zhiban 已经接手了" in text_of(answer.text)
    assert admin.submit(f"{path}/say", page=path, text="您好").status_code == 422
    after(admin, f"{path}/take", path, over="1")
    assert "发出去了" in after(admin, f"{path}/say", path, text="您好")


def test_the_whole_phone_is_shown_once_and_kept_in_the_records(browser: Open, one: int) -> None:
    duty, path = browser("duty"), f"/handovers/{one}"
    assert "139****0001" in seen(duty, path)
    shown = after(duty, f"{path}/phone", path)
    assert "13912340001" in shown
    assert "13912340001" not in seen(duty, path)


def test_it_is_settled_without_a_talk(browser: Open, one: int) -> None:
    duty, path = browser("duty"), f"/handovers/{one}"
    assert "已经办结" in after(duty, f"{path}/settle", path)
    assert "现在没有人等回话" in seen(duty, "/handovers")


# photos


def with_photo(one: int, now: datetime, body: bytes = b"\xff\xd8jpeg") -> str:
    """The person of `one` sends a photo while staff have them; its address."""

    def send(session: Session) -> int:
        talks.take(session, handover_id=one, by="zhiban", now=now)
        kept = Kept("photo.jpg", "image/jpeg", body)
        photo = attachments.keep(session, kept, channel="web", sender="web-a", now=now)
        talks.heard(session, handover_id=one, text="[照片]", photo=photo, now=now)
        return photo

    return f"/handovers/{one}/photos/{in_database(send)}"


def test_a_photo_is_shown_to_who_is_on_duty_and_kept_nowhere(browser: Open, one: int, now: datetime) -> None:
    at = with_photo(one, now)
    duty = browser("duty")
    assert f'<img src="{at}"' in duty.get(f"/handovers/{one}").text
    answer = duty.get(at)
    assert (answer.content, answer.headers["content-type"]) == (b"\xff\xd8jpeg", "image/jpeg")
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert browser().get(at).status_code == 303
    viewer = browser("viewer")
    assert viewer.get(at).status_code == 403
    assert at not in viewer.get(f"/handovers/{one}").text
    assert "照片值班员能看" in seen(viewer, f"/handovers/{one}")


def test_a_photo_is_that_of_this_talk_alone(browser: Open, one: int, now: datetime) -> None:
    at = with_photo(one, now)
    other = in_database(lambda session: asked(session, now, sender_id="web-b"))
    duty = browser("duty")
    for wrong in (
        at.replace(f"/{one}/", f"/{other}/"), at.replace(f"/{one}/", "/999/"), f"{at}9", f"/handovers/{one}/photos/{2**70}",
        f"/handovers/{one}/photos/x",
    ):  # fmt: skip
        assert duty.get(wrong).status_code == 404, wrong


# drills


def test_people_of_a_drill_are_marked_and_come_last(browser: Open, one: int, now: datetime) -> None:
    made_up = in_database(
        lambda s: asked(
            s, now, channel="rest", sender_id="drill-1", text="救命", urgent=True, reason="emergency"
        )
    )
    duty = browser("duty")
    for path in ("/", "/handovers"):
        shown = duty.get(path).text
        assert shown.index(f"/handovers/{one}") < shown.index(f"/handovers/{made_up}")
        assert shown.index("【演练】", shown.index(f"/handovers/{one}")) > 0
    assert "【演练】" in seen(duty, f"/handovers/{made_up}")
    assert "【演练】" not in seen(duty, f"/handovers/{one}")
