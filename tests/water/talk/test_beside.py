"""An outage told beside a wish for care."""

from __future__ import annotations

import pytest

from bot.nlu.normalise import normalise
from bot.water.talk.beside import outage_beside


@pytest.mark.parametrize(
    ("text", "end"),
    [
        ("停水了，还想请人给我爸送饭", 4),
        ("没水了，另外想找人照顾我娘", 4),
        ("想请人送饭，还要洗澡", None),
        ("停水了", None),
        ("", None),
    ],
)
def test_where_an_outage_told_first_ends(text: str, end: int | None) -> None:
    assert outage_beside(normalise(text).text) == end
