"""Recorded payloads of a WeCom app as messages."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from bot.channels.model import BadMessage
from bot.channels.wecom.messages import parse

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
    assert received is None or received.address == "LiuJie"


@pytest.mark.parametrize("gone", ["FromUserName", "CreateTime", "MsgType", "Content", "MsgId"])
def test_what_is_broken_is_refused(gone: str) -> None:
    with pytest.raises(BadMessage):
        parse(recorded("text").replace(gone, "X"))
