"""The public page and the CAP feed: what staff confirmed, without a person, valid, and deaf to what callers try."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from lxml import etree
from sqlalchemy.orm import Session
from starlette.applications import Starlette
from starlette.testclient import TestClient

from bot.clock import with_offset
from bot.desk import open311, public
from bot.storage.database import engine_for
from bot.storage.tables import Incident
from bot.water.incidents.closing import close_incident
from bot.water.incidents.merging import merge
from bot.water.telling import news
from bot.water.telling.planned import announce
from tests.conftest import NOW
from tests.water.incidents.test_incidents import file

CAP = {"cap": "urn:oasis:names:tc:emergency:cap:1.2", "a": "http://www.w3.org/2005/Atom"}
# OASIS, Common Alerting Protocol 1.2, CAP-v1.2.xsd (docs.oasis-open.org/emergency/cap/v1.2), unchanged.
SCHEMA = etree.XMLSchema(file=str(Path(__file__).parent / "cap12.xsd"))
HOUR = timedelta(hours=1)


@pytest.fixture
def database_url(each_database_url: str) -> str:
    return each_database_url


@pytest.fixture
def client(database_url: str, now: object) -> Iterator[TestClient]:
    public.forget_pages()
    with TestClient(Starlette(routes=public.ROUTES + open311.ROUTES), raise_server_exceptions=False) as made:
        yield made
    public.forget_pages()


def confirmed(url: str, *, drill: bool = False, grade: str | None = "III", **fields: Any) -> str:
    with Session(engine_for(url), future=True) as session, session.begin():
        incident: Incident = file(
            session, "a", phone="13912340001", name="何国安", words=("我家没水，打13912340001",),
            place="三塘镇金盘小区5栋", **fields,
        )  # fmt: skip
        incident.drill = drill
        incident.grade = incident.confirmed_grade = grade
        incident.clauses = ["3.2.3(3)"] if grade else []
        incident.confirmed_at = NOW
        news.confirmed(session, incident, by="张三", now=NOW)
        return str(incident.number)


def planned(url: str, **fields: Any) -> None:
    given = {
        "township": "泉溪镇", "areas": ["老街"], "starts_at": NOW + HOUR, "ends_at": NOW + 3 * HOUR,
        "reason": "管道检修", "by": "张三", "now": NOW, **fields,
    }  # fmt: skip
    with Session(engine_for(url), future=True) as session, session.begin():
        announce(session, **given)


def message(client: TestClient, number: str) -> Any:
    """The notice as parsed XML, which is valid."""
    answer = client.get(f"/public/cap/{number}.xml")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/cap+xml")
    tree = etree.fromstring(answer.content)
    SCHEMA.assertValid(tree)
    return tree


def texts(tree: Any, path: str) -> list[str]:
    return [found.text for found in tree.xpath(path, namespaces=CAP)]


def beijing(local: datetime) -> str:
    """A stored time as CAP has it, whatever the machine's zone; CAP knows no Z."""
    said = datetime.fromisoformat(str(with_offset(local))).astimezone(timezone(8 * HOUR)).isoformat()
    assert said.endswith("+08:00")
    return said


def entries(client: TestClient, path: str = "/public/cap.atom") -> list[str]:
    return texts(etree.fromstring(client.get(path).content), "//a:entry/a:title")


def test_nothing_is_said_where_there_is_nothing(client: TestClient) -> None:
    page = client.get("/public/")
    assert page.status_code == 200
    assert "现在没有停水公告" in page.text
    assert entries(client) == []
    assert "There is no outage notice now" in client.get("/public/?lang=en").text


def test_a_confirmed_incident_in_both_languages_without_a_person(
    client: TestClient, database_url: str
) -> None:
    number = confirmed(database_url)
    page, english = client.get("/public/").text, client.get("/public/?lang=en").text
    assert "三塘镇金盘小区停水" in page
    assert "定为较大（Ⅲ级），《供水应急预案》3.2.3(3)。" in page
    assert "considerable (grade III), water emergency plan 3.2.3(3)" in english
    everything = (
        page + english + client.get("/public/cap.atom").text + client.get(f"/public/cap/{number}.1.xml").text
    )
    for private in ("13912340001", "何国安", "5栋", "我家", "HN261123"):
        assert private not in everything


def test_a_message_is_valid_and_tells_the_grade_as_a_parameter(client: TestClient, database_url: str) -> None:
    number = confirmed(database_url)
    tree = message(client, f"{number}.1")
    assert texts(tree, "/cap:alert/cap:identifier") == [f"{number}.1"]
    assert texts(tree, "/cap:alert/cap:status") == ["Actual"]
    assert texts(tree, "/cap:alert/cap:sent") == [beijing(NOW)]
    assert texts(tree, "//cap:language") == ["zh-CN", "en-US"]
    assert texts(tree, "//cap:severity") == ["Moderate", "Moderate"]
    names, values = texts(tree, "//cap:valueName"), texts(tree, "//cap:parameter/cap:value")
    assert dict(zip(names, values)) == {"grade": "III", "clause": "3.2.3(3)", "subject": number}


def test_an_update_and_the_end_name_what_was_before(client: TestClient, database_url: str) -> None:
    number = confirmed(database_url)
    with Session(engine_for(database_url), future=True) as session, session.begin():
        news.set_expected(session, number=number, at=NOW + HOUR, by="张三", now=NOW)
        close_incident(session, number=number, by="张三", now=NOW)
    assert texts(message(client, f"{number}.2"), "//cap:msgType") == ["Update"]
    over = message(client, f"{number}.3")
    assert texts(over, "//cap:msgType") == ["Cancel"]
    (references,) = texts(over, "//cap:references")
    assert [one.split(",")[1] for one in references.split()] == [f"{number}.1", f"{number}.2"]
    assert references.split()[0].endswith(f",{beijing(NOW)}")
    assert entries(client) == ["三塘镇金盘小区的水恢复了"]
    assert "刚结束的" in client.get("/public/").text


def test_what_was_merged_says_in_both_that_it_goes_on_elsewhere(
    client: TestClient, database_url: str
) -> None:
    number = confirmed(database_url)
    with Session(engine_for(database_url), future=True) as session, session.begin():
        whole = file(session, "b", detail="老街", place="三塘镇老街")
        whole.grade = whole.confirmed_grade = "II"
        whole.confirmed_at = NOW
        into = str(whole.number)
        merge(session, into=into, numbers=[number], by="张三", now=NOW)
    tree = message(client, f"{number}.2")
    assert texts(tree, "//cap:msgType") == ["Cancel"]
    assert (set(texts(tree, "//cap:responseType")), set(texts(tree, "//cap:urgency"))) == (
        {"Prepare"},
        {"Immediate"},
    )
    names, values = texts(tree, "//cap:valueName"), texts(tree, "//cap:parameter/cap:value")
    assert dict(zip(names, values))["into"] == into
    page = client.get("/public/").text
    assert "三塘镇金盘小区停水，和三塘镇老街的一起处理" in page
    assert "刚结束的" not in page


@pytest.mark.parametrize("grade", [None, "I", "II", "IV"])
@pytest.mark.parametrize("problems", [("no_water",), ("bad_water",)])
def test_every_grade_and_kind_is_valid(
    client: TestClient, database_url: str, grade: str | None, problems: tuple[str, ...]
) -> None:
    message(client, f"{confirmed(database_url, grade=grade, problems=problems)}.1")


def test_bad_water_says_first_what_not_to_do(client: TestClient, database_url: str) -> None:
    number = confirmed(database_url, problems=("bad_water",))
    assert client.get("/public/").text.index("先别喝") < client.get("/public/").text.index("级")
    assert texts(message(client, f"{number}.1"), "//cap:responseType") == ["Avoid", "Avoid"]


def test_a_drill_is_on_no_page_and_an_exercise_in_its_own_feed(client: TestClient, database_url: str) -> None:
    number = confirmed(database_url, drill=True)
    assert "金盘小区" not in client.get("/public/").text
    assert entries(client) == []
    assert entries(client, "/public/cap-exercise.atom") == ["【演练】三塘镇金盘小区停水"]
    tree = message(client, f"{number}.1")
    assert texts(tree, "//cap:status") == ["Exercise"]
    assert texts(tree, "//cap:headline")[0].startswith("【演练】")


def test_a_planned_outage(client: TestClient, database_url: str) -> None:
    planned(database_url)
    assert "泉溪镇老街：11月23日周一晚上7点到晚上9点计划停水。原因是管道检修。" in client.get("/public/").text
    tree = message(client, "JH261123-001.1")
    assert texts(tree, "//cap:urgency") == ["Expected", "Expected"]
    assert texts(tree, "//cap:onset")[0] == beijing(NOW + HOUR)


@pytest.mark.parametrize(
    "evil",
    [
        "<script>alert(1)</script>",
        "]]>&amp;<",
        "\x00\x0b街\x1f",
        "街\ufffe\uffff",
        "'\"; DROP TABLE",
        "水" * 40,
    ],
)
def test_what_staff_copied_in_breaks_neither_page_nor_feed(
    client: TestClient, database_url: str, evil: str
) -> None:
    planned(database_url, areas=[evil], reason=evil)
    page = client.get("/public/")
    assert page.status_code == 200
    assert "<script>" not in page.text
    message(client, "JH261123-001.1")
    assert len(entries(client)) == 1


@pytest.mark.parametrize(
    "path",
    ["/public/cap/SJ261123-001.9.xml", "/public/cap/x.xml", "/public/cap/%00.xml", "/public/cap/../../etc/passwd.xml",
     "/public/cap/SJ261123-001.1.1.xml", pytest.param(f"/public/cap/{'1' * 5000}.xml", id="long"), "/public/cap/%F0%9F%92%A7.xml", "/public/x"],
)  # fmt: skip
def test_what_is_not_there_is_a_404(client: TestClient, database_url: str, path: str) -> None:
    confirmed(database_url)
    assert client.get(path).status_code == 404


@pytest.mark.parametrize(
    "query",
    [
        "lang=fr",
        "lang=",
        "lang=../../x",
        "lang=en&lang=zh",
        pytest.param("x=" + "1" * 5000, id="long"),
        "%00",
    ],
)
def test_odd_queries_give_the_page(client: TestClient, query: str) -> None:
    assert client.get(f"/public/?{query}").status_code == 200


def test_a_page_is_kept_and_known_again(client: TestClient, database_url: str) -> None:
    first = client.get("/public/")
    assert "max-age" in first.headers["cache-control"]
    confirmed(database_url)
    again = client.get("/public/", headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    public.forget_pages()
    assert client.get("/public/", headers={"If-None-Match": first.headers["etag"]}).status_code == 200


def test_links_are_never_made_of_what_a_caller_claims(client: TestClient, database_url: str) -> None:
    number = confirmed(database_url)
    for path in ("/public/", "/public/cap.atom", f"/public/cap/{number}.1.xml", "/open311/v2/discovery.json"):
        assert "evil.example" not in client.get(path, headers={"Host": "evil.example"}).text


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
def test_only_reading_is_allowed(client: TestClient, method: str) -> None:
    assert client.request(method, "/public/").status_code == 405
