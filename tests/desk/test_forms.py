"""A form counts once, however often it is sent; a database that does not answer costs nobody what they typed."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from html import unescape
from typing import Any

import pytest
from sqlalchemy import func, select, update

from bot import clock
from bot.desk import forms
from bot.desk.web import DONE_ALREADY
from bot.storage import talks
from bot.storage.tables import AuditEntry, DeskForm, DeskSession, DeskUser, HandoverMessage, IncidentEvent

from .busy import held
from .cases import asked, burst, in_database
from .conftest import NAMES, PASSWORD, Browser

WORDS = "今晚十点来水。\r\n<b>请</b>存点水"


@pytest.fixture
def database_url(each_database_url: str) -> str:
    """On SQLite and on PostgreSQL."""
    return each_database_url


@pytest.fixture
def talk(people: dict[str, int], now: datetime) -> str:
    """The page of a conversation that the user on duty has."""
    one = in_database(lambda s: asked(s, now))
    in_database(lambda s: talks.take(s, handover_id=one, by=NAMES["duty"], now=now))
    return f"/handovers/{one}"


def form_of(html: str, action: str) -> dict[str, str]:
    """The hidden fields of the form that is sent to `action`."""
    (body,) = re.findall(rf'<form[^>]*action="{re.escape(action)}"[^>]*>(.*?)</form>', html, re.S)
    found = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', body)
    return {name: unescape(value) for name, value in found}


def said() -> list[str]:
    return in_database(
        lambda s: list(s.scalars(select(HandoverMessage.text).where(HandoverMessage.by == NAMES["duty"])))
    )


def lines(action: str) -> int:
    query = select(func.count(AuditEntry.id)).where(AuditEntry.action == action)
    return int(in_database(lambda s: s.scalar(query)) or 0)


# what a form is known by


GIVEN = [("csrf", "a"), ("once", "n1"), ("text", "好\r\n的")]


@pytest.mark.parametrize(
    ("fields", "who", "path", "same"),
    [
        (GIVEN, 1, "/x", True),
        ([("csrf", "b"), ("once", "n1"), ("text", "好\n的"), ("came_from", "/y")], 1, "/x", True),
        ([("csrf", "a"), ("once", "n2"), ("text", "好\r\n的")], 1, "/x", False),
        ([("csrf", "a"), ("once", "n1"), ("text", "不好")], 1, "/x", False),
        (GIVEN, 2, "/x", False),
        (GIVEN, 1, "/y", False),
    ],
)
def test_what_a_form_is_known_by(fields: Any, who: int, path: str, same: bool) -> None:
    first = forms.hash_of(GIVEN, user_id=1, path="/x")
    assert first is not None
    assert (forms.hash_of(fields, user_id=who, path=path) == first) is same


@pytest.mark.parametrize("fields", [[], [("text", "好的")], [("once", ""), ("text", "好的")]])
def test_what_a_program_sends_without_a_number_is_never_known(fields: Any) -> None:
    assert forms.hash_of(fields, user_id=1, path="/x") is None


def test_a_form_with_a_password_is_not_offered_again() -> None:
    assert forms.to_send_again([("once", "n"), ("password", "x")]) is None
    assert forms.to_send_again([*GIVEN, ("came_from", "/y")]) == GIVEN[1:]


# sent twice


def test_each_form_has_a_number_of_its_own(browser: Callable[..., Browser], now: datetime) -> None:
    number = in_database(lambda s: burst(s, now))
    found = re.findall(r'name="once" value="([^"]+)"', browser("duty").get(f"/incidents/{number}").text)
    assert len(found) > 5
    assert len(set(found)) == len(found)


def test_a_form_that_was_done_is_not_done_again(browser: Callable[..., Browser], talk: str) -> None:
    one = browser("duty")
    sent = {**form_of(one.get(talk).text, f"{talk}/say"), "text": WORDS}
    here = {"referer": f"{one.base_url}{talk}"}
    assert one.post(f"{talk}/say", data=sent).headers["location"].startswith(talk)
    again = one.post(f"{talk}/say", data=sent, headers=here)
    assert (again.status_code, again.headers["location"]) == (303, talk)
    assert DONE_ALREADY in one.get(talk).text
    assert (len(said()), lines("talk.say")) == (1, 1)
    one.post(f"{talk}/say", data={**sent, "text": "还有一句"}, headers=here)
    assert len(said()) == 2


def test_what_was_refused_may_be_sent_again(browser: Callable[..., Browser], now: datetime) -> None:
    number = in_database(lambda s: burst(s, now))
    one, at = browser("duty"), f"/incidents/{number}"
    sent = {**form_of(one.get(at).text, f"{at}/cause"), "cause": " "}
    assert [one.post(f"{at}/cause", data=sent).status_code for _ in range(2)] == [422, 422]
    assert in_database(lambda s: s.scalars(select(DeskForm)).all()) == []


def test_forms_are_forgotten_after_a_day(
    browser: Callable[..., Browser], talk: str, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = browser("duty")
    one.post(f"{talk}/say", data={**form_of(one.get(talk).text, f"{talk}/say"), "text": "好"})
    for at, left in ((now + forms.KEPT, 1), (now + forms.KEPT + timedelta(seconds=1), 0)):
        in_database(lambda s, at=at: forms.tidy(s, at))
        assert in_database(lambda s: s.scalar(select(func.count(DeskForm.hash)))) == left


# a database that does not answer


def test_what_was_typed_is_offered_again_and_counts_once(browser: Callable[..., Browser], talk: str) -> None:
    one = browser("duty")
    sent = {**form_of(one.get(talk).text, f"{talk}/say"), "text": WORDS}
    with held():
        busy = one.post(f"{talk}/say", data=sent, headers={"referer": f"{one.base_url}{talk}"})
        assert (busy.status_code, said()) == (503, [])
    assert "回话</dt><dd>今晚十点来水。\r\n&lt;b&gt;请&lt;/b&gt;存点水" in busy.text
    offered = form_of(busy.text, f"{talk}/say")
    assert offered == {**sent, "came_from": talk}
    with held():
        still = one.post(f"{talk}/say", data=offered)  # its referer is gone: the form says it
        assert (still.status_code, form_of(still.text, f"{talk}/say")) == (503, offered)
    assert one.post(f"{talk}/say", data=offered).status_code == 303
    assert one.post(f"{talk}/say", data=offered).headers["location"] == talk
    assert (len(said()), lines("talk.say")) == (1, 1)


def test_where_it_had_been_done_it_is_not_done_by_sending_it_again(
    browser: Callable[..., Browser], talk: str
) -> None:
    """The answer to the first got lost: nobody saw whether it was done."""
    one = browser("duty")
    sent = {**form_of(one.get(talk).text, f"{talk}/say"), "text": WORDS}
    one.post(f"{talk}/say", data=sent)
    with held():
        busy = one.post(f"{talk}/say", data=sent, headers={"referer": f"{one.base_url}{talk}"})
    assert one.post(f"{talk}/say", data=form_of(busy.text, f"{talk}/say")).status_code == 303
    assert len(said()) == 1


def test_nothing_is_half_done(browser: Callable[..., Browser], now: datetime) -> None:
    number = in_database(lambda s: burst(s, now))
    one, at = browser("duty"), f"/incidents/{number}"
    sent = {**form_of(one.get(at).text, f"{at}/cause"), "cause": "主管爆了"}
    events = in_database(lambda s: s.scalar(select(func.count(IncidentEvent.id))))
    with held():
        assert "主管爆了" in one.post(f"{at}/cause", data=sent).text
    assert in_database(lambda s: s.scalar(select(func.count(IncidentEvent.id)))) == events
    assert lines("incident.cause") == 0


def test_a_password_is_on_no_page(browser: Callable[..., Browser]) -> None:
    one = browser("duty")
    secret = "一只白鹭停在水塔上 3"
    sent = {**form_of(one.get("/account").text, "/account/password"), "old": PASSWORD, "password": secret}
    with held():
        answer = one.post("/account/password", data={**sent, "again": secret})
    assert answer.status_code == 503
    assert "数据库正忙" in answer.text
    for word in (secret, PASSWORD, "再发一次"):
        assert word not in answer.text


def test_a_form_of_another_site_is_offered_to_nobody(browser: Callable[..., Browser], talk: str) -> None:
    one = browser("duty")
    with held():
        answer = one.post(f"{talk}/say", data={"csrf": "x", "once": "n", "text": "点我"})
    assert answer.status_code == 403
    assert "点我" not in answer.text


def test_programs_are_told_in_their_form_to_come_again(
    browser: Callable[..., Browser], now: datetime
) -> None:
    number = in_database(lambda s: burst(s, now))
    one = browser("duty")
    headers = {"X-CSRF": one.csrf()}
    with held():
        answer = one.post(f"/api/incidents/{number}/confirm", json={"grade": "III"}, headers=headers)
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "10")
    assert "数据库正忙" in answer.json()["error"]


def test_pages_are_read_though_the_click_cannot_be_noted(
    browser: Callable[..., Browser], now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = browser("viewer")
    monkeypatch.setattr(clock, "now", lambda: now + timedelta(minutes=10))
    with held():
        assert "停水事件" in one.get("/").text
    assert in_database(lambda s: s.scalar(select(DeskSession.seen_at))) == now
    one.get("/")
    assert in_database(lambda s: s.scalar(select(DeskSession.seen_at))) == now + timedelta(minutes=10)


def test_who_was_put_out_meanwhile_sends_nothing_again(browser: Callable[..., Browser], talk: str) -> None:
    one = browser("duty")
    sent = {**form_of(one.get(talk).text, f"{talk}/say"), "text": WORDS}
    with held():
        offered = form_of(one.post(f"{talk}/say", data=sent).text, f"{talk}/say")
    in_database(lambda s: s.execute(update(DeskUser).values(disabled_at=clock.now())))
    assert one.post(f"{talk}/say", data=offered).headers["location"].startswith("/login")
    assert said() == []
