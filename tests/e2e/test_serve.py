"""The real thing: both servers, the REST channel, the web chat in a real Chromium, Ctrl-C."""

from __future__ import annotations

import re
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml

from bot.settings import ROOT
from bot.storage.uploads import FOLDER
from tests.browser import chat_page, needs_chromium
from tests.conversations.assistant import CASES
from tests.e2e.served import Served
from tests.test_photos import SECRET, opened, with_gps

NAMED = {"id": "the-message-of-the-report"}
DRAFTS = ROOT / "tests" / "contracts" / "drafts"
TYPED = {
    "water": [
        "all in one message, then the phone",
        "the read-back is wrong, and the person first only says no",
        "cancelled half-way, nothing is stored",
        "an unknown village is taken as said, its township asked for and never guessed",
        "chlorine; people first, then an urgent report without more questions than needed",
        "in English",
    ],
    "eldercare": [
        "the nearest point with a service, then narrower, then about it",
        "registering a meal service for a parent",
        "a volunteer who asks about the time bank on the way",
    ],
    "staff": ["a checklist for a contract of a department", "the work report"],
    "conversation": ["greeting, capabilities, thanks, goodbye"],
}


def text_of(answer: list[dict[str, Any]]) -> str:
    return "\n".join(message.get("text", "") for message in answer)


def test_a_report_over_rest_reaches_staff(served: Served) -> None:
    assert "对吗" in text_of(
        served.say("rest-1", "咸塘镇卫生院没水，昨晚七点停的，电话13912340100，整条街都没有")
    )
    assert "HN" in text_of(served.say("rest-1", "对"))
    report = served.listed("reports")[-1]
    assert (report["township"], report["problem"], report["phone"]) == ("咸塘镇", "no_water", "139****0100")
    incident = served.listed("incidents")[-1]
    assert report["number"] in incident["reports"]
    assert incident["grade"] is None
    assert incident["highest_possible"] == "I"


@needs_chromium
def test_who_says_forget_me_is_forgotten_by_page_and_database(served: Served) -> None:
    with chat_page(served.chat_url) as page:
        assert "对吗" in page.ask("岐山镇老街没水，昨晚七点停的，电话13912340109，整条街都没有")
        assert "HN" in page.ask("对")
        assert "要删吗" in page.ask("忘记我")
        page.page.get_by_role("button", name="删掉", exact=True).click()
        page.page.get_by_text("都删掉了").wait_for()
        assert page.page.locator(".yours").count() == 1
        page.page.reload()
        page.page.get_by_label("在这里打字").wait_for()
        assert page.page.locator(".yours").count() == 0
        assert "岐山" not in page.ask("我报的修好了吗")
        assert not page.complaints
    report = served.listed("reports")[-1]
    assert (report["place"], report["phone"], report["text"]) == ("岐山镇老街", None, "")


@needs_chromium
def test_text_that_looks_like_a_command_runs_nothing_on_the_web(served: Served) -> None:
    with chat_page(served.chat_url) as page:
        assert page.ask("/restart")
        assert page.ask("/report_outage")
        assert not page.complaints


@needs_chromium
def test_a_draft_sent_from_the_page_is_looked_over_and_thrown_away(served: Served) -> None:
    with chat_page(served.chat_url) as page:
        first = page.send_file(DRAFTS / "long-form.txt")
        assert "《long-form.txt》看完了：查出" in first
        assert "【要改的】" in first
        assert "代替不了合法性审查" in page.press("看其余")
        assert "建筑工程有限公司" in page.send_file(DRAFTS / "whole" / "road-works.txt")
        assert not page.complaints
    record = served.listed("records")[-1]
    assert (record["subject"], record["channel"]) == ("road-works.txt", "web")
    assert list(FOLDER.iterdir()) == []


def typed() -> list[Any]:
    """The conversations that are typed into the web chat, by the names they have in the YAML files."""
    wanted = {name: path for path in CASES.glob("*.yml") for name in TYPED.get(path.stem, ())}
    cases = []
    for path in sorted(set(wanted.values())):
        for case in yaml.safe_load(path.read_text(encoding="utf8")):
            if case["name"] in TYPED[path.stem]:
                cases.append(pytest.param(case["turns"], id=f"{path.stem}: {case['name']}"))
    assert len(cases) == sum(len(names) for names in TYPED.values()), "a name in TYPED is in no file"
    return cases


@needs_chromium
def test_a_photo_of_a_report_from_the_page_reaches_staff_without_its_place(
    served: Served, tmp_path: Path
) -> None:
    path = tmp_path / "IMG_1.jpg"
    path.write_bytes(with_gps(orientation=6))
    with chat_page(served.chat_url) as chat:
        assert "什么时候" in chat.ask("三塘镇老街水管爆了")
        assert re.search("照片收到了(.|\n)*什么时候", chat.send_photo(path))
        assert "对吗" in chat.ask("今早七点，整条街，13912340111")
        number = re.search(r"HN\d{6}-\d{3}", chat.ask("对"))
        assert number
        assert f"照片已附到 {number[0]}" in chat.send_photo(path)
        assert chat.complaints == []
    assert served.listed("reports")[-1]["photos"] == 2
    command = [sys.executable, "-m", "bot.cli", "photos", number[0], "--out", str(tmp_path / "out")]
    subprocess.run(command, cwd=ROOT, env=served.environment, check=True, capture_output=True)
    written = sorted((tmp_path / "out").iterdir())
    assert [one.name for one in written] == [f"{number[0]}-1.jpg", f"{number[0]}-2.jpg"]
    for one in written:
        assert not dict(opened(one.read_bytes()).getexif())
        assert SECRET not in one.read_bytes()


@needs_chromium
@pytest.mark.parametrize("turns", typed())
def test_conversations_typed_into_the_web_chat(turns: list[dict[str, Any]], served: Served) -> None:
    served.close_all()
    with chat_page(served.chat_url) as page:
        for turn in turns:
            answer = page.ask(turn["user"])
            for words in turn.get("says", []):
                # Numbers depend on the day and on who came before.
                words = re.sub(r"(HN|YL|ZY)261123-\d+", r"\1\\d{6}-\\d{3}", words)
                assert re.search(words, answer), f"{words!r} is not said to {turn['user']!r}:\n{answer}"
            for words in turn.get("never", []):
                assert not re.search(words, answer), f"{words!r} is said:\n{answer}"
        assert not page.complaints


@pytest.fixture(scope="module")
def visitor() -> httpx.Client:
    """A browser that outlives the server: its cookie is all that it has."""
    return httpx.Client(timeout=90, trust_env=False)


def test_a_report_over_the_web_chats_own_address_is_read_back(served: Served, visitor: httpx.Client) -> None:
    visitor.get(served.chat_url)
    report = {"text": "泉溪镇老街没水，昨晚七点停的，电话13912340109，整条街都没有"}
    messages = visitor.post(f"{served.chat_url}message", params=NAMED, json=report).json()["messages"]
    assert "对吗" in text_of(messages)
    assert messages[-1]["buttons"]


def test_ctrl_c_ends_everything(served: Served) -> None:
    assert served.stop() == 0
    for port in (served.port, served.action_port):
        with socket.socket() as probe:
            assert probe.connect_ex(("127.0.0.1", port)) != 0, f"something still listens on {port}"


def test_a_later_start_answers_soon_and_knows_what_was_said(
    served: Served, visitor: httpx.Client, tmp_path: Path
) -> None:
    restarted = Served(served.database_url, tmp_path)
    try:
        assert text_of(restarted.say("later", "你好"))
        (turn,) = visitor.get(f"{restarted.chat_url}history").json()["turns"]
        assert turn["said"].startswith("泉溪镇老街没水")
        button = turn["messages"][-1]["buttons"][0]
        # The answer got lost as the server ended, and the person tries again: it is not taken for a second message.
        again = visitor.post(f"{restarted.chat_url}message", params={**NAMED, "again": 1}, json={"text": "x"})
        assert again.json()["messages"] == turn["messages"]
        assert len(visitor.get(f"{restarted.chat_url}history").json()["turns"]) == 1
        filed = visitor.post(f"{restarted.chat_url}message", json={"payload": button["payload"]}).json()
        assert "HN" in text_of(filed["messages"])
        # How soon is for make bench; training again would take minutes of a person's patience.
        assert "training the model" not in restarted.log.read_text(errors="replace")
    finally:
        assert restarted.stop() == 0
