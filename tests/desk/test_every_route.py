"""Every route of the desk, those of others too: who is let through, and that each change leaves its line."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from sqlalchemy import delete, select
from sqlalchemy.orm import Session
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Mount, Route

from bot.desk.app import create_app
from bot.desk.roles import ROLES, allows
from bot.desk.web import Gate, changes, current_user, noted, shows
from bot.errors import BadInput
from bot.storage.database import session_scope
from bot.storage.tables import AuditEntry, DeskSession, DeskUser

from .conftest import NAMES, Browser

Make = Callable[..., Browser]
# What needs nobody to be logged in: the door itself, and what is meant for everybody.
OPEN = ("/login", "/link", "/health", "/static", "/", "/public/", "/open311/")


def walk(routes: Any, before: str = "") -> Iterator[tuple[str, str, Any]]:
    """Method, path and endpoint of every route."""
    for route in routes:
        if isinstance(route, Mount):
            yield from walk(route.routes or (), before + route.path)
        else:
            assert isinstance(route, Route), route
            for method in (route.methods or set()) - {"HEAD"}:
                yield method, before + route.path, route.endpoint


ALL = sorted(walk(create_app().routes), key=lambda found: found[:2])
GATED = [(method, path, endpoint.gate) for method, path, endpoint in ALL if hasattr(endpoint, "gate")]
CHANGES = [(path, gate) for method, path, gate in GATED if method != "GET"]


def address(path: str) -> str:
    filled = (
        path.replace("{name}", NAMES["viewer"])
        .replace("{name:path}", "x")
        .replace("{id:int}", "1")
        .replace("{photo:int}", "1")
    )
    return (
        filled.replace("{number}", "SJ261123-001")
        .replace("{number:path}", "SJ261123-001")
        .replace("{key}", "x")
    )


def lines() -> list[tuple[str, str]]:
    with session_scope() as session:
        return [(row.by, row.action) for row in session.scalars(select(AuditEntry).order_by(AuditEntry.id))]


def test_every_route_has_a_gate_or_is_open_on_purpose() -> None:
    assert len(GATED) > 10
    for method, path, endpoint in ALL:
        if not hasattr(endpoint, "gate"):
            open_one = any(
                path == one or (one.endswith("/") and one != "/" and path.startswith(one)) for one in OPEN
            )
            assert open_one, f"{method} {path} has no gate"


def test_what_changes_has_an_action_and_what_shows_has_none() -> None:
    for method, path, gate in GATED:
        assert (gate.action is None) == (method == "GET"), f"{method} {path}"
    assert len({gate.action for _, gate in CHANGES}) == len(CHANGES), "two changes have one name in the audit"


@pytest.mark.parametrize(("method", "path", "gate"), GATED)
def test_nobody_gets_in_without_a_session(browser: Make, method: str, path: str, gate: Gate) -> None:
    for cookie in (None, "", "x", "a" * 43):
        one = browser()
        if cookie is not None:
            one.cookies.set("desk", cookie)
        answer = one.request(method, address(path))
        assert answer.status_code in (303, 401), path
        assert answer.headers.get("location", "/login").startswith("/login")


@pytest.mark.parametrize(("method", "path", "gate"), [one for one in GATED if one[2].role != "viewer"])
def test_a_lower_role_is_turned_away_even_with_the_right_token(
    browser: Make, method: str, path: str, gate: Gate
) -> None:
    for role in ROLES:
        if allows(role, gate.role):
            continue
        one = browser(role)
        csrf = one.csrf()
        before = lines()
        given: dict[str, Any] = {"headers": {"X-CSRF": csrf}}
        if method != "GET":
            given |= {"json": {}} if path.startswith("/api/") else {"data": {"csrf": csrf}}
        assert one.request(method, address(path), **given).status_code == 403, (path, role)
        assert lines() == before


@pytest.mark.parametrize(("path", "gate"), CHANGES)
def test_without_the_right_token_nothing_is_changed(browser: Make, path: str, gate: Gate) -> None:
    one, other = browser("admin"), browser("admin")
    csrf, foreign = one.csrf(), other.csrf()
    before = lines()
    method = "DELETE" if any(m == "DELETE" and p == path for m, p, _ in GATED) else "POST"
    for token in (None, "", "x", foreign, csrf[:-1], csrf + "x", csrf.swapcase()):
        for place in ("field", "header"):
            headers = {"X-CSRF": token} if place == "header" and token is not None else {}
            data = {"csrf": token} if place == "field" and token is not None else {}
            assert one.request(method, address(path), data=data, headers=headers).status_code in (403, 415), (
                path,
                token,
            )
    # The right token, but the browser says that another site sent it.
    for said in (
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ):
        body = {"json": {}} if path.startswith("/api/") else {}
        answer = one.request(method, address(path), headers={"X-CSRF": csrf, **said}, **body)
        assert answer.status_code == 403, (path, said)
    assert lines() == before


def test_the_token_is_not_taken_from_the_address(browser: Make) -> None:
    one = browser("duty")
    assert one.post(f"/account/duty?csrf={one.csrf()}", data={"on_duty": "1"}).status_code == 403


def test_a_change_by_a_get_is_no_change(browser: Make) -> None:
    one = browser("admin")
    for path, _gate in CHANGES:
        answer = one.get(address(path), params={"csrf": one.csrf(), "on_duty": "1", "role": "admin"})
        assert answer.status_code in (200, 404, 405), path
    assert [action for _, action in lines()] == ["login"]


# the makers themselves


@changes("duty", "test.rename")
def rename(request: Request, session: Session) -> Response:
    row = session.scalars(select(DeskUser).where(DeskUser.name == NAMES["viewer"])).one()
    row.on_duty = True
    session.flush()
    noted(request, subject="SJ1", was="甲", by_whom=current_user(request).name)
    wish = dict(request.state.fields).get("wish")
    if wish == "refuse":
        raise BadInput("不行")
    if wish == "break":
        raise RuntimeError("broken")
    return PlainTextResponse("done")


@shows("viewer", touch=False)
def glance(request: Request, session: Session) -> Response:
    return PlainTextResponse(current_user(request).name)


TEST_ROUTES = (Route("/test/rename", rename, methods=["POST"]), Route("/test/glance", glance))


def on_duty() -> bool:
    with session_scope() as session:
        return bool(session.scalars(select(DeskUser.on_duty).where(DeskUser.name == NAMES["viewer"])).one())


def test_a_change_and_its_line_are_one(browser: Make) -> None:
    one = browser("duty", *TEST_ROUTES)
    assert one.submit("/test/rename", wish="refuse").status_code == 422
    assert one.submit("/test/rename", wish="break").status_code == 500
    assert not on_duty()
    assert [action for _, action in lines()] == ["login"]
    assert one.submit("/test/rename").text == "done"
    assert on_duty()
    assert lines()[-1] == (NAMES["duty"], "test.rename")
    with session_scope() as session:
        row = session.scalars(select(AuditEntry).order_by(AuditEntry.id.desc())).first()
        assert (row.subject, row.detail) == ("SJ1", {"was": "甲", "by_whom": NAMES["duty"]})


def test_who_may_not_change_anything_does_not_get_as_far_as_the_lock(
    browser: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    viewer, one = browser("viewer", *TEST_ROUTES), browser("duty", *TEST_ROUTES)
    csrf, locked = viewer.csrf(), []
    monkeypatch.setattr("bot.desk.web.audit.lock", lambda session: locked.append(1))
    assert browser(None, *TEST_ROUTES).post("/test/rename").status_code == 303
    assert viewer.post("/test/rename", data={"csrf": csrf}).status_code == 403
    assert one.post("/test/rename", data={"csrf": csrf}).status_code == 403
    assert locked == []


def test_who_is_put_out_while_waiting_changes_nothing_any_more(
    browser: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = browser("duty", *TEST_ROUTES)
    csrf = one.csrf()

    def put_out(session: Session) -> None:
        session.execute(delete(DeskSession))

    monkeypatch.setattr("bot.desk.web.audit.lock", put_out)
    assert one.post("/test/rename", data={"csrf": csrf}).status_code == 303
    assert not on_duty()


def test_a_change_whose_line_cannot_be_written_is_not_made(
    browser: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = browser("duty", *TEST_ROUTES)
    csrf = one.csrf()

    def full(*_: Any, **__: Any) -> None:
        raise RuntimeError("no room")

    monkeypatch.setattr("bot.desk.web.audit.note", full)
    assert one.post("/test/rename", data={"csrf": csrf}).status_code == 500
    assert not on_duty()


def test_what_a_page_asks_by_itself_keeps_nobody_logged_in(
    browser: Make, now: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from datetime import timedelta

    from bot import clock

    one = browser("duty", *TEST_ROUTES)
    for minutes in (10, 20, 29):
        monkeypatch.setattr(clock, "now", lambda minutes=minutes: now + timedelta(minutes=minutes))
        assert one.get("/test/glance").status_code == 200
    monkeypatch.setattr(clock, "now", lambda: now + timedelta(minutes=30))
    assert one.get("/test/glance").status_code == 303


def test_htmx_is_told_to_go_to_the_door_and_shown_words(browser: Make) -> None:
    answer = browser(None, *TEST_ROUTES).get("/test/glance", headers={"HX-Request": "true"})
    assert (answer.status_code, answer.headers["hx-redirect"]) == (401, "/login?next=%2Ftest%2Fglance")
    one = browser("duty", *TEST_ROUTES)
    answer = one.post(
        "/test/rename", data={"wish": "refuse"}, headers={"HX-Request": "true", "X-CSRF": one.csrf()}
    )
    assert (answer.status_code, answer.text) == (422, "不行")
