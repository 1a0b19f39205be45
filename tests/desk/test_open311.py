"""Open311 GeoReport v2: the specification's requests and answers, and everything that a caller can get wrong."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree
from sqlalchemy import select
from sqlalchemy.orm import Session
from starlette.applications import Starlette
from starlette.testclient import TestClient

from bot.desk import apikeys, open311, public
from bot.storage.database import engine_for
from bot.storage.inbox import handover_lines
from bot.storage.tables import Incident, OutageReport
from bot.water.incidents.closing import close_incident
from tests.conftest import NOW
from tests.water.incidents.test_incidents import file

V2 = "/open311/v2"


@pytest.fixture
def database_url(each_database_url: str) -> str:
    return each_database_url


@pytest.fixture
def client(database_url: str, now: object) -> Iterator[TestClient]:
    with TestClient(Starlette(routes=public.ROUTES + open311.ROUTES), raise_server_exceptions=False) as made:
        yield made


@pytest.fixture
def key(database_url: str) -> str:
    with Session(engine_for(database_url), future=True) as session, session.begin():
        return apikeys.add(session, name="12345热线", by="张三", now=NOW)


def report(client: TestClient, key: str, **fields: Any) -> Any:
    given = {
        "api_key": key, "service_code": "no_water", "address_string": "三塘镇金盘小区5栋", "first_name": "国安",
        "last_name": "何", "phone": "13912340001", "description": "没水，打13912340001", "device_id": "d1", **fields,
    }  # fmt: skip
    return client.post(
        f"{V2}/requests.json", data={name: value for name, value in given.items() if value is not None}
    )


def failed(answer: Any, status: int) -> str:
    """The description of an answer in the specification's error form."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"].startswith("application/json")
    (error,) = answer.json()
    assert set(error) == {"code", "description"}
    assert error["code"] == status
    return str(error["description"])


def stored(url: str) -> list[OutageReport]:
    with Session(engine_for(url), future=True, expire_on_commit=False) as session:
        return list(session.scalars(select(OutageReport).order_by(OutageReport.id)))


# what there is


def test_discovery(client: TestClient) -> None:
    found = client.get(f"{V2}/discovery.json").json()
    assert found["endpoints"][0]["url"].endswith(V2)
    assert found["endpoints"][0]["formats"] == ["application/json", "text/xml"]
    tree = etree.fromstring(client.get(f"{V2}/discovery.xml").content)
    assert tree.xpath("/discovery/endpoints/endpoint/formats/format/text()") == [
        "application/json",
        "text/xml",
    ]


def test_services_and_their_attributes(client: TestClient) -> None:
    services = client.get(f"{V2}/services.json").json()
    assert [row["service_code"] for row in services] == ["no_water", "low_pressure", "bad_water", "burst"]
    wanted = {"service_code", "service_name", "description", "metadata", "type", "keywords", "group"}
    assert all(set(row) == wanted for row in services)
    tree = etree.fromstring(client.get(f"{V2}/services.xml").content)
    assert len(tree.xpath("/services/service/service_code")) == 4
    definition = client.get(f"{V2}/services/no_water.json").json()
    assert [row["code"] for row in definition["attributes"]] == ["started", "households"]
    failed(client.get(f"{V2}/services/lamp.json"), 404)


# reporting


def test_a_report_is_filed_like_everybodys(client: TestClient, key: str, database_url: str) -> None:
    fields = {"attribute[started]": "2026-11-23T09:00:00", "attribute[households]": "30"}
    (answer,) = report(client, key, **fields).json()
    (row,) = stored(database_url)
    assert answer["service_request_id"] == row.number == "HN261123-001"
    assert (row.channel, row.township, row.problem, row.households) == ("open311", "三塘镇", "no_water", 30)
    assert (row.name, row.phone, row.text) == ("何国安", "13912340001", "没水，打13912340001")
    assert row.started_at == NOW.replace(hour=9)
    assert "13912340001" not in row.sender_id


def test_it_joins_the_incident_of_others_and_one_device_is_one_person(
    client: TestClient, key: str, database_url: str
) -> None:
    with Session(engine_for(database_url), future=True) as session, session.begin():
        file(session, "a")
    for device in ("d1", "d1", "d2"):
        assert report(client, key, device_id=device).status_code == 200
    rows = stored(database_url)
    assert len({row.incident_id for row in rows}) == 1
    assert len({row.sender_id for row in rows}) == 3


def test_degrees_are_enough(client: TestClient, key: str, database_url: str) -> None:
    assert report(client, key, address_string=None, lat="26.912345", long="112.612345").status_code == 200
    (row,) = stored(database_url)
    assert (row.lat, row.lon, row.township) == (26.912345, 112.612345, None)


def test_people_in_danger_alarm_staff(client: TestClient, key: str, database_url: str) -> None:
    assert report(client, key, description="水厂漏氯气，有人中毒了").status_code == 200
    with Session(engine_for(database_url), future=True) as session:
        (line,) = handover_lines(session)
    assert (line["urgent"], line["reason"]) == (True, "emergency")


@pytest.mark.parametrize("bad", [None, "", "x", "k" * 5000, "\x00", "' OR 1=1 --", "钥匙", "\ud83d"])
def test_without_a_key_nothing_is_filed(client: TestClient, database_url: str, bad: str | None) -> None:
    answer = client.post(
        f"{V2}/requests.json",
        content="service_code=no_water&address_string=x" + ("" if bad is None else "&api_key=%FF" + bad.encode("utf8", "replace").hex()),
        headers={"Content-Type": "application/x-www-form-urlencoded"},
    )  # fmt: skip
    failed(answer, 403)
    assert stored(database_url) == []


def test_a_key_that_was_revoked_counts_no_more(client: TestClient, key: str, database_url: str) -> None:
    with Session(engine_for(database_url), future=True) as session, session.begin():
        apikeys.revoke(session, name="12345热线", by="张三", now=NOW)
    failed(report(client, key), 403)


@pytest.mark.parametrize(
    ("scopes", "files"), [(["desk"], False), (["desk", "open311"], True), (["open311"], True)]
)
def test_a_key_files_only_where_it_was_made_for_it(
    client: TestClient, database_url: str, scopes: list[str], files: bool
) -> None:
    with Session(engine_for(database_url), future=True) as session, session.begin():
        key = apikeys.add(session, name="水务公司", by="张三", scopes=scopes, now=NOW)
    answer = report(client, key)
    if not files:
        failed(answer, 403)
    assert len(stored(database_url)) == int(files)


@pytest.mark.parametrize(
    ("fields", "status", "named"),
    [
        ({"service_code": None}, 400, "service_code"), ({"service_code": "lamp"}, 404, "service_code"),
        ({"address_string": None}, 400, "location"), ({"address_string": " \x00 "}, 400, "location"),
        ({"lat": "26.9"}, 400, "long"), ({"lat": "nan", "long": "112"}, 400, "lat"), ({"lat": "inf", "long": "1"}, 400, "lat"),
        ({"lat": "91", "long": "112"}, 400, "lat"), ({"lat": "26", "long": "181"}, 400, "long"),
        ({"lat": "二十六", "long": "112"}, 400, "lat"), ({"lat": "1e999", "long": "1"}, 400, "lat"),
        ({"phone": "打我电话"}, 400, "phone"), ({"phone": "1" * 500}, 400, "phone"),
        ({"attribute[started]": "昨天"}, 400, "started"), ({"attribute[started]": "2026-02-30T00:00:00"}, 400, "started"),
        ({"attribute[started]": "9999-12-31T23:59:59Z"}, 400, "started"), ({"attribute[started]": "2020-01-01"}, 400, "started"),
        ({"attribute[started]": "0001-01-01T00:00:00+14:00"}, 400, "started"),
        ({"attribute[households]": "-1"}, 400, "households"), ({"attribute[households]": "9" * 50}, 400, "households"),
        ({"attribute[households]": "0"}, 400, "households"), ({"attribute[households]": "200000"}, 400, "households"),
        ({"attribute[households]": "٣"}, 400, "households"),
    ],
)  # fmt: skip
def test_what_cannot_be_used_is_named(
    client: TestClient, key: str, database_url: str, fields: dict[str, Any], status: int, named: str
) -> None:
    assert named in failed(report(client, key, **fields), status)
    assert stored(database_url) == []


@pytest.mark.parametrize(
    "fields",
    [
        {"description": "水" * 20000}, {"address_string": "三塘镇" + "街" * 3000}, {"description": "<a>&]]>\x00\x0b\ufffe"},
        {"first_name": "国" * 3000}, {"device_id": "x" * 3000}, {"description": None, "first_name": None, "last_name": None},
        {"media_url": "http://127.0.0.1:22/"}, {"email": "a@b.example"}, {"address_string": "\u202e泉溪镇😀"},
    ],
)  # fmt: skip
def test_long_and_odd_words_are_taken(client: TestClient, key: str, fields: dict[str, Any]) -> None:
    if len(str(fields).encode()) > 50_000:
        failed(report(client, key, **fields), 413)
    else:
        number = report(client, key, **fields).json()[0]["service_request_id"]
        etree.fromstring(client.get(f"{V2}/requests/{number}.xml").content)


def test_other_bodies_are_refused_in_words(client: TestClient, key: str) -> None:
    url = f"{V2}/requests.json"
    failed(client.post(url, json={"api_key": key}), 400)
    failed(client.post(url, data={"api_key": key}, files={"media": b"x"}), 400)
    failed(
        client.post(
            url, content=b"a=1&" * 100, headers={"Content-Type": "application/x-www-form-urlencoded"}
        ),
        400,
    )
    failed(
        client.post(
            url, content=b"\xff\xfe=%zz", headers={"Content-Type": "application/x-www-form-urlencoded"}
        ),
        403,
    )


# reading


def test_a_request_tells_how_it_stands_and_nothing_of_a_person(
    client: TestClient, key: str, database_url: str
) -> None:
    number = report(client, key, lat="26.912345", long="112.612345").json()[0]["service_request_id"]
    texts = [
        client.get(f"{V2}/{path}").text
        for path in ("requests.json", "requests.xml", f"requests/{number}.json", f"requests/{number}.xml")
    ]
    for text in texts:
        assert number in text
        for private in ("13912340001", "国安", "打139", "5栋", "26.9123", "112.6123", "open311-"):
            assert private not in text
    (row,) = json.loads(texts[2])
    assert (row["status"], row["service_code"], row["lat"], row["long"]) == (
        "open",
        "no_water",
        26.91,
        112.61,
    )
    assert row["address"] == "三塘镇", "the rest are a stranger's own words"
    assert row["description"] is None
    with Session(engine_for(database_url), future=True) as session, session.begin():
        session.scalars(select(Incident)).one().confirmed_at = NOW
    assert client.get(f"{V2}/requests/{number}.json").json()[0]["address"] == "三塘镇金盘小区"


def test_expected_and_closed(client: TestClient, database_url: str) -> None:
    with Session(engine_for(database_url), future=True) as session, session.begin():
        incident: Incident = file(session, "a")
        incident.expected_at = NOW + timedelta(hours=1)
        number = incident.number
    (row,) = client.get(f"{V2}/requests.json").json()
    assert row["expected_datetime"].startswith("2026-11-23T19:00:00")
    with Session(engine_for(database_url), future=True) as session, session.begin():
        close_incident(session, number=number, by="张三", now=NOW + timedelta(minutes=5))
    (row,) = client.get(f"{V2}/requests.json?status=closed").json()
    assert (row["status"], row["expected_datetime"]) == ("closed", None)
    assert row["updated_datetime"].startswith("2026-11-23T18:05:00")


def test_filters_and_pages(client: TestClient, database_url: str) -> None:
    with Session(engine_for(database_url), future=True) as session, session.begin():
        for i in range(5):
            file(
                session, f"s{i}", at=NOW - timedelta(days=i), problems=("burst",) if i == 4 else ("no_water",)
            )
        file(session, "drill")
        session.scalars(select(OutageReport).where(OutageReport.sender_id == "drill")).one().drill = True
        file(session, "old", at=NOW - timedelta(days=91))

    def found(query: str) -> list[str]:
        answer = client.get(f"{V2}/requests.json?{query}")
        assert answer.status_code == 200, answer.text
        return [row["requested_datetime"][5:10] for row in answer.json()]

    assert found("") == ["11-19", "11-20", "11-21", "11-22", "11-23"]
    assert found("service_code=burst") == ["11-19"]
    assert found("service_code=burst,low_pressure&status=open,closed") == ["11-19"]
    assert found("status=closed") == []
    assert found("start_date=2026-11-21T00:00:00&end_date=2026-11-22T23:00:00") == ["11-21", "11-22"]
    assert found("end_date=2026-08-25T00:00:00") == ["08-24"]
    assert found("page_size=2&page=2") == ["11-21", "11-22"]
    assert found("page_size=2&page=9") == []
    assert found("service_request_id=hn261123-001,HN261122-001") == ["11-22", "11-23"]
    failed(client.get(f"{V2}/requests/HN000000-000.json"), 404)


@pytest.mark.parametrize(
    "query",
    ["page=0", "page=-1", "page=x", "page=1e3", f"page={'9' * 30}", "page_size=0", "page_size=201", "page_size=٣", "status=new",
     "start_date=yesterday", "end_date=2026-13-01T00:00:00Z", "start_date=0001-01-01T00:00:00%2B23:59", "end_date=99999-01-01",
     "service_request_id=" + ",".join(map(str, range(101)))],
)  # fmt: skip
def test_a_wrong_filter_is_a_400(client: TestClient, query: str) -> None:
    failed(client.get(f"{V2}/requests.json?{query}"), 400)


@pytest.mark.parametrize(
    "query", ["start_date=0001-01-01", "end_date=0001-01-01", "start_date=9999-12-31", "end_date=9999-12-31T23:59:59",
              "start_date=2026-11-23T00:00:00+08:00", "end_date=2026-11-23T00:00:00Z", "service_request_id=%00", "status=", "x=1"],
)  # fmt: skip
def test_the_ends_of_time_are_no_fault(client: TestClient, query: str) -> None:
    assert client.get(f"{V2}/requests.json?{query}").status_code == 200


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "requests.yaml", 404), ("GET", "nothing", 404), ("GET", "", 404), ("GET", "requests", 404),
        ("GET", "requests/.json", 404), ("GET", "requests/%00.json", 404), ("GET", f"requests/{'1' * 3000}.json", 404),
        ("GET", "requests/水.json", 404), ("GET", "tokens/1.json", 404), ("POST", "services.json", 405), ("PUT", "requests.json", 405),
        ("DELETE", "requests/HN261123-001.json", 405), ("PATCH", "discovery.json", 405), ("POST", "nothing.json", 404),
    ],
)  # fmt: skip
def test_other_addresses_and_methods_get_the_error_form(
    client: TestClient, method: str, path: str, status: int
) -> None:
    failed(client.request(method, f"{V2}/{path}"), status)


def test_an_error_in_xml(client: TestClient) -> None:
    answer = client.get(f"{V2}/requests.xml?page=0")
    tree = etree.fromstring(answer.content)
    assert (answer.status_code, tree.xpath("/errors/error/code/text()")) == (400, ["400"])


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    fields=st.dictionaries(
        st.sampled_from(["service_code", "lat", "long", "address_string", "description", "phone", "attribute[started]",
                         "attribute[households]", "device_id", "first_name"]),
        st.text(max_size=40) | st.floats().map(str) | st.sampled_from(["no_water", "burst", "2026-11-23", "三塘镇"]),
    ),
    query=st.dictionaries(st.sampled_from(["page", "page_size", "status", "start_date", "end_date", "service_code", "service_request_id"]),
                          st.text(max_size=20) | st.datetimes().map(str)),
)  # fmt: skip
def test_nothing_that_is_sent_is_a_fault_of_ours(
    client: TestClient, key: str, fields: dict[str, str], query: dict[str, str]
) -> None:
    sent = {name: value.encode("utf8", "replace").decode() for name, value in fields.items()}
    assert client.post(f"{V2}/requests.json", data={"api_key": key, **sent}).status_code < 500
    asked = {name: value.encode("utf8", "replace").decode() for name, value in query.items()}
    answer = client.get(f"{V2}/requests.xml", params=asked)
    assert answer.status_code < 500
    etree.fromstring(answer.content)
