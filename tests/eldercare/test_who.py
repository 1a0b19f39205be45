"""For whom care is asked, and names."""

from __future__ import annotations

import pytest

from bot.eldercare.who import find_whom, name_in, old_persons_name, without_whom
from tests.sayings import understood


@pytest.mark.parametrize(
    ("text", "whom"),
    [
        ("我爹要送饭 我妈要人陪", ("father", "mother")),
        ("我爹爹", ("grandfather",)),
        ("我妈住在隔壁村", ("mother",)),
        ("隔壁的老人", ("neighbour",)),
        ("我自己", ("self",)),
        ("for my mother and my dad", ("father", "mother")),
        ("要送餐", ()),
    ],
)
def test_for_whom(text: str, whom: tuple[str, ...]) -> None:
    assert find_whom(text) == whom


@pytest.mark.parametrize(
    ("text", "intent", "name"),
    [
        ("张三妹", "out_of_scope", "张三妹"),
        ("欧阳建国", "out_of_scope", "欧阳建国"),
        ("谢平安", "thank", "谢平安"),
        ("何好", "greet", "何好"),
        ("叫陈桂香", "inform", "陈桂香"),
        ("姓刘", "inform", "刘"),
        ("么桂英", "inform", "么桂英"),
        ("Liu Hong", "inform", "Liu Hong"),
        ("张三妹 13912340020", "inform", "张三妹"),
        ("谢谢", "thank", None),
        ("方便", "inform", None),
        ("会理发 会修电灯", "out_of_scope", None),
        ("不知道", "deny", None),
        ("没有", "deny", None),
        ("no", "deny", None),
        ("13912340020", "inform", None),
    ],
)
def test_a_name_that_was_asked_for(text: str, intent: str, name: str | None) -> None:
    assert name_in(understood(text, intent=intent), asked=True, bare=False) == name


@pytest.mark.parametrize(
    ("text", "whom", "asked", "name"),
    [
        ("我叫刘红 我妈叫张桂英", "mother", False, "张桂英"),
        ("我叫刘红", "mother", False, None),
        ("我叫刘红", "self", False, "刘红"),
        ("我叫刘红", None, False, "刘红"),
        ("老人是我妈", "mother", False, None),
    ],
)
def test_whose_name_it_is(text: str, whom: str | None, asked: bool, name: str | None) -> None:
    assert old_persons_name(understood(text), whom, asked=asked, bare=False) == name


@pytest.mark.parametrize(
    ("text", "place"),
    [("给我妈", ""), ("我妈住樟木冲", "樟木冲"), ("我爸家在老街", "老街"), ("牛婆凼", "牛婆凼"), ("", "")],
)
def test_where_without_whose_home_it_is(text: str, place: str) -> None:
    assert without_whom(text) == place
