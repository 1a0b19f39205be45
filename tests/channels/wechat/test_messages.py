"""Recorded payloads of an official account as messages; whatever is broken is refused and nothing else is raised."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest
import yaml

from bot.channels.model import BadMessage
from bot.channels.wechat.messages import menu_message, menu_payload, parse
from bot.settings import Settings
from bot.storage import sealed

PAYLOADS = Path(__file__).parent / "payloads"
MEANT = yaml.safe_load((PAYLOADS.parent / "payloads.yml").read_text(encoding="utf8"))


def recorded(name: str) -> str:
    return (PAYLOADS / f"{name}.xml").read_text(encoding="utf8")


def test_each_payload_has_its_meaning() -> None:
    assert {path.stem for path in PAYLOADS.glob("*.xml")} == set(MEANT)


@pytest.mark.parametrize("name", sorted(MEANT))
def test_a_recorded_payload_is_what_it_says(name: str) -> None:
    received = parse(recorded(name))
    assert (repr(received.sent) if received else None) == MEANT[name]
    if received:
        assert received.address == "oLVPpjqs9BhvzwPj5A-vTYAX3GLc"
        assert isinstance(received.sent_at, datetime)
        assert len(received.key) <= 64


def test_the_key_is_the_number_of_the_message_or_the_event_itself() -> None:
    text, click, scan = (parse(recorded(name)) for name in ("text", "click", "scan"))
    assert text
    assert click
    assert scan
    assert text.key == "24712093817240124"
    assert click.key == parse(recorded("click")).key  # type: ignore[union-attr]
    other = parse(recorded("click").replace("1795430400", "1795430401"))
    assert other
    assert len({text.key, click.key, scan.key, other.key}) == 4


def test_the_key_of_an_event_is_another_with_another_data_key(monkeypatch: pytest.MonkeyPatch) -> None:
    before = parse(recorded("click"))
    monkeypatch.setattr(sealed, "settings", lambda: Settings(data_key=sealed.new_key()))
    after = parse(recorded("click"))
    assert before
    assert after
    assert before.key != after.key


TEXT = recorded("text")
BROKEN = {
    "no XML": "停水了",
    "nothing": "",
    "half": TEXT[:200],
    "another root": TEXT.replace("xml>", "message>"),
    "a bare root": "<xml/>",
    "doubled content": TEXT.replace("<MsgId>", "<Content>x</Content><MsgId>"),
    "doubled sender": TEXT.replace("<MsgId>", "<FromUserName>x</FromUserName><MsgId>"),
    "nested content": TEXT.replace("<![CDATA[老街", "<a>x</a><![CDATA[老街"),
    "no content": TEXT.replace("Content", "Contents"),
    "no sender": TEXT.replace("FromUserName", "From"),
    "a sender that is no id": TEXT.replace("oLVPpjqs9BhvzwPj5A-vTYAX3GLc", "a]]&gt;b c"),
    "no type": TEXT.replace("MsgType", "Type"),
    "no number": TEXT.replace("MsgId", "Id"),
    "a number that is none": TEXT.replace("24712093817240124", "24712０"),
    "no time": TEXT.replace("CreateTime", "Time"),
    "a time that is none": TEXT.replace("1795430400", "-1"),
    "no name of the event": recorded("click").replace("<Event>", "<Even>").replace("</Event>", "</Even>"),
    "an entity": '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>' + TEXT.replace("老街", "]]>&e;<![CDATA["),
    "entities of entities": '<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]>' + TEXT.replace("1795430400", "&b;"),
    "a place that is none": recorded("location").replace("26.891200", "nan"),
    "a place beyond the pole": recorded("location").replace("26.891200", "112.1"),
    "half a place": recorded("location").replace("Location_Y", "Location_Z"),
}  # fmt: skip


@pytest.mark.parametrize("name", sorted(BROKEN))
def test_what_is_broken_is_refused(name: str) -> None:
    with pytest.raises(BadMessage) as refused:
        parse(BROKEN[name])
    assert 400 <= refused.value.status < 500
    assert "passwd" not in str(refused.value)


def test_the_menu_is_that_of_the_domain_within_the_platforms_limits() -> None:
    buttons = menu_payload()["button"]
    assert isinstance(buttons, list)
    assert 1 <= len(buttons) <= 3
    for button in buttons:
        assert len(button["name"].encode()) <= 16
        assert len(button.get("sub_button", ())) <= 5
        for entry in button.get("sub_button", [button]):
            assert entry["type"] == "click"
            assert len(entry["name"].encode()) <= 60
            assert len(entry["key"].encode()) <= 128
            assert menu_message(entry["key"], "zh").text == f"/{entry['key']}"  # type: ignore[union-attr]
    assert menu_message("restart", "zh") is None
