"""The real desk behind a real nginx: logging in, live updates, who calls, exports, and what is for everybody."""

from __future__ import annotations

import http.client
import re
import ssl
import time
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from urllib.parse import urlencode

import pytest

from bot.desk import apikeys, public
from bot.settings import Settings, settings
from bot.storage.database import session_scope
from bot.water.incidents.decisions import confirm_grade
from tests.browser import DESKTOP, PHONE, needs_chromium
from tests.desk.cases import burst, in_database
from tests.desk.conftest import NAMES, PASSWORD
from tests.desk.conftest import people as people  # a fixture
from tests.desk.live import at_desk
from tests.desk.served import served_desk
from tests.docker.nginx import Site, free_ports, needs_nginx, needs_openssl, started

pytestmark = [needs_nginx, pytest.mark.timeout(120)]


class Caller:
    """A program or browser at an address of its own, which keeps cookies."""

    def __init__(self, port: int, address: str = "127.0.0.1", tls: bool = False) -> None:
        self.port, self.address, self.tls = port, address, tls
        self.cookies: dict[str, str] = {}
        self.headers = http.client.HTTPMessage()

    def wire(self) -> http.client.HTTPConnection:
        source = (self.address, 0)
        if not self.tls:
            return http.client.HTTPConnection("127.0.0.1", self.port, timeout=15, source_address=source)
        unchecked = ssl._create_unverified_context()
        return http.client.HTTPSConnection(
            "127.0.0.1", self.port, timeout=15, source_address=source, context=unchecked
        )

    def ask(self, path: str, form: dict[str, str] | None = None, **headers: str) -> tuple[int, str]:
        wire = self.wire()
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        if self.cookies:
            given["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        if form is not None:
            given["Content-Type"] = "application/x-www-form-urlencoded"
        try:
            wire.request("GET" if form is None else "POST", path, form and urlencode(form), given)
            answer = wire.getresponse()
            self.headers = answer.headers
            for one in answer.headers.get_all("Set-Cookie") or ():
                name, _, value = one.split(";")[0].partition("=")
                self.cookies[name] = value
            return answer.status, answer.read().decode("utf8", "replace")
        finally:
            wire.close()

    def log_in(self, name: str, password: str = PASSWORD, **headers: str) -> int:
        found = re.search(r'name="csrf" value="([^"]+)"', self.ask("/login")[1])
        assert found
        return self.ask("/login", {"csrf": found[1], "name": name, "password": password}, **headers)[0]


@pytest.fixture
def number(people: dict[str, int], now: datetime) -> str:
    """An incident that staff confirmed, so that it is told to everybody."""
    public.forget_pages()
    made = in_database(lambda s: burst(s, now))
    in_database(lambda s: confirm_grade(s, number=made, by="陈", now=now))
    return made


@pytest.fixture
def site(number: str, tmp_path: Path) -> Iterator[Site]:
    with served_desk() as behind, started(tmp_path, "http", free_ports(1)[0], behind) as running:
        yield running


@pytest.fixture
def secure(number: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    with served_desk() as behind, started(tmp_path, "https", free_ports(1)[0], behind) as running:
        address = f"https://127.0.0.1:{running.desk_port}"
        conf = Settings(**{**vars(settings()), "desk_url": address})
        for module in ("cookies", "web", "guard", "links"):
            monkeypatch.setattr(f"bot.desk.{module}.settings", lambda: conf)
        yield running


def test_staff_log_in_and_read(site: Site, number: str) -> None:
    one = Caller(site.desk_port)
    assert one.log_in(NAMES["duty"], Origin=f"http://127.0.0.1:{site.desk_port}") == 303
    status, page = one.ask("/")
    assert status == 200
    assert number in page
    assert one.headers["Cache-Control"] == "no-store"
    assert one.headers.get_all("X-Frame-Options") == ["DENY"]


@needs_openssl
def test_over_https_the_cookies_are_for_this_host_and_https_alone(secure: Site, number: str) -> None:
    one = Caller(secure.desk_port, tls=True)
    assert one.log_in(NAMES["duty"], Origin=f"https://127.0.0.1:{secure.desk_port}") == 303
    assert {"__Host-desk", "__Host-desk-device"} <= set(one.cookies)
    assert all("Secure" in one.split("; ") for one in one.headers.get_all("Set-Cookie"))
    assert number in one.ask("/")[1]
    assert one.headers.get_all("Strict-Transport-Security") == ["max-age=31536000"]


def test_a_form_from_another_site_and_another_hosts_name_are_refused(site: Site) -> None:
    one = Caller(site.desk_port)
    assert one.log_in(NAMES["duty"], Origin="http://evil.example") == 403
    assert (
        one.log_in(NAMES["duty"], Origin=f"http://127.0.0.1:{site.port}") == 403
    )  # the public server is another
    assert one.ask("/login", Host="evil.example")[0] == 421


def test_each_caller_has_their_own_tries(site: Site) -> None:
    """The desk counts the addresses that nginx sees, and none that are claimed."""
    one = Caller(site.desk_port, "127.0.0.2")
    statuses = [one.log_in(f"name-{n}", "wrong", X_Forwarded_For=f"10.0.0.{n}") for n in range(21)]
    assert statuses == [401] * 20 + [429]
    assert Caller(site.desk_port, "127.0.0.3").log_in(NAMES["duty"]) == 303


def test_what_is_new_comes_at_once(site: Site, now: datetime) -> None:
    one = Caller(site.desk_port)
    one.log_in(NAMES["duty"])
    wire = one.wire()
    wire.request("GET", "/events", headers={"Cookie": f"desk={one.cookies['desk']}"})
    answer = wire.getresponse()
    assert answer.headers["Content-Type"].startswith("text/event-stream")
    seen = answer.fp.readline()  # nothing is held back until it is many
    in_database(lambda s: burst(s, now, area="河边"))
    until = time.monotonic() + 5
    while not seen.startswith(b"data:") and time.monotonic() < until:
        seen = answer.fp.readline()
    assert seen.startswith(b"data:")
    wire.close()


@pytest.mark.parametrize("form", ["csv", "xlsx", "geojson"])
def test_exports_come_whole(site: Site, form: str) -> None:
    one = Caller(site.desk_port)
    one.log_in(NAMES["duty"])
    status, body = one.ask(f"/export/reports.{form}")
    assert status == 200
    assert "attachment" in one.headers["Content-Disposition"]
    assert len(body) > 200


# what is for everybody, by the public server


@pytest.mark.parametrize(
    ("path", "kind"),
    [("/public/", "text/html"), ("/public/?lang=en", "text/html"), ("/public/public.css", "text/css"), ("/public/cap.atom", "application/atom+xml"),
     ("/public/cap-exercise.atom", "application/atom+xml"), ("/open311/v2/services.json", "application/json")],
)  # fmt: skip
def test_news_is_for_everybody_whatever_the_site_is_called(site: Site, path: str, kind: str) -> None:
    one = Caller(site.port)
    status, body = one.ask(path, Host="outages.example.gov.cn")
    assert (status, one.headers.get_content_type()) == (200, kind)
    for name in ("X-Frame-Options", "X-Content-Type-Options", "Referrer-Policy"):
        assert len(one.headers.get_all(name)) == 1, name
    assert "Set-Cookie" not in one.headers
    if kind in ("text/html", "text/css"):
        assert one.headers["Cache-Control"] == "public, max-age=60"
        assert one.ask(path, If_None_Match=one.headers["ETag"]) == (304, "")
    if path == "/public/":
        assert "三塘镇" in body


def test_a_notice_is_found_by_what_the_feed_says(site: Site, number: str) -> None:
    one = Caller(site.port)
    assert f"{number}.1" in one.ask("/public/cap.atom")[1]
    status, body = one.ask(f"/public/cap/{number}.1.xml")
    assert (status, one.headers.get_content_type(), "<" in body) == (200, "application/cap+xml", True)


def test_another_system_reports_with_its_key(site: Site, now: datetime) -> None:
    with session_scope() as session:
        key = apikeys.add(session, name="热线", by="x", now=now)
    sent = {
        "api_key": key,
        "service_code": "no_water",
        "address_string": "三塘镇金盘小区5栋",
        "device_id": "d1",
    }
    status, body = Caller(site.port).ask("/open311/v2/requests.json", sent)
    assert (status, "HN" in body) == (200, True)
    assert Caller(site.port).ask("/open311/v2/requests.json", {**sent, "api_key": "x"})[0] == 403


def test_the_desks_session_opens_nothing_on_the_public_server(site: Site) -> None:
    one = Caller(site.desk_port)
    one.log_in(NAMES["admin"])
    one.port = site.port
    for path in ("/", "/users", "/api/incidents", "/export/reports.csv", "/events", "/static/desk.css"):
        assert one.ask(path)[0] in (302, 404), path


# in a browser


@needs_chromium
def test_a_browser_reads_the_desk_and_the_public_page_through_it(
    site: Site, number: str, now: datetime
) -> None:
    with at_desk(f"http://127.0.0.1:{site.desk_port}", DESKTOP) as desk:
        desk.log_in(NAMES["duty"], PASSWORD)
        desk.page.wait_for_timeout(2500)  # until the page listens
        other = in_database(lambda s: burst(s, now, area="河边"))
        desk.page.locator(f'th a[href="/incidents/{other}"]').wait_for()  # by itself
        desk.open("/map")
        desk.page.locator("#map svg a").first.wait_for()
        assert desk.complaints == []
    with at_desk(f"http://127.0.0.1:{site.port}", PHONE) as visitor:
        visitor.open("/public/")
        visitor.sees("三塘镇")
        assert visitor.page.evaluate("getComputedStyle(document.body).fontSize") == "20px"  # its style came
        assert visitor.complaints == []
