"""The Open311 client `three` of PyPI, in an environment of its own, against the routes on a real port."""

from __future__ import annotations

import json
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import uvicorn
from sqlalchemy.orm import Session
from starlette.applications import Starlette

from bot.desk import apikeys, open311
from bot.settings import ROOT
from bot.storage.database import engine_for
from tests.conftest import NOW

UV = ROOT / ".tools" / "bin" / "uv"
# The client was written for Python 2: the one name that is gone is given back to it.
BEGIN = "import itertools, json, sys; itertools.ifilter = filter; from three import Three; print('begun')\n"
SCRIPT = (
    BEGIN
    + """
city = Three(sys.argv[1], api_key=sys.argv[2])
filed = city.post("no_water", address="三塘镇金盘小区5栋", description="家里没水", phone="13912340001", device_id="d1")
number = filed[0]["service_request_id"]
print(json.dumps({
    "url": city.discovery()["endpoints"][0]["url"], "services": [row["service_code"] for row in city.services()],
    "attributes": [row["code"] for row in city.services("no_water")["attributes"]], "filed": number,
    "listed": city.requests(), "since": len(city.requests(start="11-23-2026")), "one": city.request(number),
    "burst": city.requests(service_code="burst"), "refused": Three(sys.argv[1], api_key="x").post("no_water", address="三塘镇"),
}))
"""
)


def run(script: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [
        str(UV),
        "run",
        "--no-project",
        "--isolated",
        "--with",
        "three==0.8.0",
        "--with",
        "simplejson",
        "python",
        "-c",
    ]
    return subprocess.run(
        [*command, script, *arguments], capture_output=True, text=True, timeout=300, cwd="/"
    )


@pytest.fixture
def address(database_url: str, now: object) -> Iterator[str]:
    config = uvicorn.Config(
        Starlette(routes=open311.ROUTES), host="127.0.0.1", port=0, log_level="warning", ws="none"
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        time.sleep(0.05)
    port = server.servers[0].sockets[0].getsockname()[1]
    yield f"http://127.0.0.1:{port}/open311/v2/"
    server.should_exit = True
    thread.join()


@pytest.mark.timeout(400)  # its environment is made anew
def test_a_client_of_others_reports_and_reads(address: str, database_url: str) -> None:
    with Session(engine_for(database_url), future=True) as session, session.begin():
        key = apikeys.add(session, name="three", by="张三", now=NOW)
    done = run(SCRIPT, address, key) if Path(UV).is_file() else None
    if done is None or "begun" not in done.stdout:
        pytest.skip("no uv here, or the client cannot be fetched")
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout.removeprefix("begun\n"))
    assert told["url"].endswith("/open311/v2")
    assert told["services"] == ["no_water", "low_pressure", "bad_water", "burst"]
    assert told["attributes"] == ["started", "households"]
    assert (told["filed"], told["since"], told["burst"]) == ("HN261123-001", 1, [])
    assert [row["service_request_id"] for row in (*told["listed"], *told["one"])] == [told["filed"]] * 2
    assert told["refused"] == [{"code": 403, "description": "api_key is not valid"}]
