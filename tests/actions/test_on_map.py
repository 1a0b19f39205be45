"""Service points go along as places on the map where the channel shows one."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import pytest

from actions.found_points import on_map
from bot.eldercare.nearest import FoundPoint
from bot.places.positions import Position


def point(address: str) -> FoundPoint:
    return FoundPoint(
        "p1",
        "三塘驿站",
        "station",
        "三塘镇",
        "",
        address,
        (),
        None,
        None,
        Position(26.97, 112.37),
        False,
        120.0,
    )


def made(channel: str, *points: FoundPoint) -> dict[str, Any]:
    return on_map(cast(Any, SimpleNamespace(channel=channel)), points)


def test_telegram_gets_each_point_with_its_address_or_township() -> None:
    venues = made("telegram", point("老街1号"), point(""))["json_message"]["venues"]
    assert venues == [
        {"name": "三塘驿站", "address": address, "lat": 26.97, "lon": 112.37}
        for address in ("老街1号", "三塘镇")
    ]


@pytest.mark.parametrize("channel", ["web", "rest", "wechat", "wecom"])
def test_other_channels_have_the_link_alone(channel: str) -> None:
    assert made(channel, point("老街1号")) == {}


def test_no_point_is_no_map() -> None:
    assert made("telegram") == {}
