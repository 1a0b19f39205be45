"""Townships and endings: how far a place goes."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.nlu.normalise import clean, normalise
from bot.nlu.place_rules import with_townships
from bot.nlu.tagger import Tagged
from bot.places.gazetteer import gazetteer

PLACES = gazetteer()
PIECES = [
    "三塘镇", "老街", "5栋", "停水", "，", "泉溪", "双桥村", "昨晚", " ", "对面", "12", "in front of ", "quanxi ", "school",
    "building 3, ",
]  # fmt: skip


def places_in(text: str, tagged: list[str] | None = None, taken: list[str] | None = None) -> list[str]:
    """The places of `text` with what the tagger (`tagged`) and other rules (`taken`) found."""
    at = [(text.index(t), text.index(t) + len(t)) for t in taken or []]
    spans = [Tagged("place", text.index(t), text.index(t) + len(t)) for t in tagged or []]
    found = with_townships(text, spans, at, PLACES)
    return [text[s.start : s.end] for s in found if s.entity == "place"]


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("三塘停水了", "三塘"),
        ("三塘镇停水了", "三塘镇"),
        ("三塘镇老街停水了", "三塘镇老街"),
        ("三塘镇百货大楼没水", "三塘镇百货大楼"),
        ("泉溪镇双桥村3组水管爆了", "泉溪镇双桥村3组"),
        ("云集街道金盘小区5栋没水", "云集街道金盘小区5栋"),
        ("我住在冠市镇供销社对面", "冠市镇供销社对面"),
        ("云集汽车站附近停水", "云集汽车站"),
        ("茶市镇今天停水", "茶市镇"),
        ("松江镇哪里有养老驿站", "松江镇"),
        ("santang zhen mei shui", "santang zhen"),
    ],
)
def test_a_township_is_found_and_goes_on_to_the_ending(text: str, place: str) -> None:
    assert places_in(text) == [place]


def test_what_the_tagger_found_is_kept_and_grown() -> None:
    assert places_in("三塘镇百货大楼没水", ["三塘镇"]) == ["三塘镇百货大楼"]
    assert places_in("三塘镇牛婆凼没水", ["三塘镇牛婆凼"]) == ["三塘镇牛婆凼"]
    assert places_in("牛婆凼没水", ["牛婆凼"]) == ["牛婆凼"]


def test_pieces_around_a_township_become_one_place() -> None:
    assert places_in("三塘镇老街", ["塘镇老街"]) == ["三塘镇老街"]


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("we live on yunji avenue next to the county hospital", "yunji avenue next to the county hospital"),
        ("a burst pipe in front of quanxi middle school", "in front of quanxi middle school"),
        ("no water in santang old street 12 since noon", "santang old street 12"),
        ("santang has no water on our street", "santang"),
        ("opposite to huaqiao town hospital", "opposite to huaqiao town hospital"),
        ("in yunji near the bank", "yunji near the bank"),
    ],
)
def test_a_place_in_english_goes_on_to_its_kind_and_what_it_is_beside(text: str, place: str) -> None:
    assert places_in(text) == [place]


@pytest.mark.parametrize(
    ("text", "places"),
    [
        ("松江同茅市哪个地方在停水", ["松江", "茅市"]),
        ("三塘镇和泉溪镇都停了", ["三塘镇", "泉溪镇"]),
        ("三塘、泉溪、茶市停水", ["三塘", "泉溪", "茶市"]),
    ],
)
def test_townships_joined_are_several_places_even_where_the_tagger_took_them_for_one(
    text: str, places: list[str]
) -> None:
    whole = text[: text.index(places[-1]) + len(places[-1])]
    assert places_in(text, [whole]) == places


@pytest.mark.parametrize(
    ("text", "places"),
    [
        ("先报东风小区的", ["东风小区"]),
        ("我住石坳村二组", ["石坳村二组"]),
        ("金桂花园3栋2单元没水", ["金桂花园3栋2单元"]),
        ("我们小区停水", []),
        ("农村饮水", []),
        ("哪个村有", []),
        ("全村都没水", []),
    ],
)
def test_an_estate_or_village_is_a_place_by_its_ending(text: str, places: list[str]) -> None:
    assert places_in(text) == places


def test_an_imported_village_is_a_place_wherever_it_stands() -> None:
    with_villages = gazetteer([("羊角塅村", "三塘镇")])
    text = "喂羊角塅村3组又停水"
    found = with_townships(text, [], [], with_villages)
    assert [text[s.start : s.end] for s in found] == ["羊角塅村3组"]


def test_two_townships_are_two_places() -> None:
    assert places_in("三塘镇停水，泉溪镇老街也停水") == ["三塘镇", "泉溪镇老街"]


def test_what_other_rules_found_is_not_run_into() -> None:
    assert places_in("三塘镇5号楼没水", taken=["5号"]) == ["三塘镇"]
    assert places_in("江口昨晚停水", taken=["江口昨晚"]) == []


def test_other_entities_of_the_tagger_stay() -> None:
    text = "花桥停水"
    found = with_townships(text, [Tagged("problem", 0, 4)], [], PLACES)
    assert found == [Tagged("problem", 0, 4)]


def test_words_that_end_like_a_place_are_none() -> None:
    assert places_in("水管爆了 水往外面直冲", ["面直冲"]) == []
    assert places_in("我们小区停水", ["我们小区"]) == []


def test_two_townships_in_full_side_by_side_are_two_places() -> None:
    assert places_in("三塘镇老街泉溪镇新村都停水", ["三塘镇老街泉溪镇新村"]) == ["三塘镇老街", "泉溪镇新村"]
    assert places_in("三塘镇老街泉溪镇新村都停水") == ["三塘镇老街", "泉溪镇新村"]
    assert places_in("三塘镇泉溪村停水", ["三塘镇泉溪村"]) == ["三塘镇泉溪村"]  # a village of that name


def test_an_english_place_does_not_run_into_what_stands_before_it() -> None:
    text = "since 8 in front of quanxi middle school"
    found = with_townships(text, [], [(0, text.index(" front"))], PLACES)
    assert [text[s.start : s.end] for s in found] == ["quanxi middle school"]


def test_imported_villages_are_found_as_they_are_normalised() -> None:
    known = gazetteer([("冇塘村", "三塘镇"), ("和平", "三塘镇")])
    for text, place in (
        ("冇塘村停水", "冇塘村"),
        ("和平村停水", "和平村"),
        ("这不和平呢", None),
        ("和平没水了", "和平"),
        ("我们和平停水两天了", "和平"),
    ):
        plain = normalise(text).text
        found = [text[s.start : s.end] for s in with_townships(plain, [], [], known)]
        assert found == ([place] if place else [])


@pytest.mark.parametrize("text", ["", "家里停水了", "你好", "老街停水了"])
def test_without_a_township_nothing_is_added(text: str) -> None:
    assert places_in(text) == []


@given(
    st.one_of(
        st.text(max_size=40),
        st.lists(st.sampled_from(PIECES), max_size=8).map("".join),
    ),
    st.data(),
)  # fmt: skip
def test_spans_stay_inside_in_order_and_apart(text: str, data: st.DataObject) -> None:
    plain = normalise(clean(text).text).text
    tagged, taken = [], []
    if len(plain) > 1:
        cuts = sorted(data.draw(st.lists(st.integers(0, len(plain)), min_size=6, max_size=6)))
        kinds = data.draw(st.permutations(["place", "problem", "taken"]))
        for kind, start, end in zip(kinds, cuts[::2], cuts[1::2], strict=True):
            if end > start and kind == "taken":
                taken.append((start, end))
            elif end > start:
                tagged.append(Tagged(kind, start, end))
    found = with_townships(plain, tagged, taken, PLACES)
    assert all(0 <= span.start < span.end <= len(plain) for span in found)
    assert all(a.end <= b.start for a, b in pairwise(found))
    assert not any(span.start < end and start < span.end for span in found for start, end in taken)


@pytest.mark.parametrize(
    ("text", "tagged", "place"),
    [
        ("县一中后面那个巷子里停水了", ["县一中后面"], "县一中后面那个巷子里"),
        ("县一中后面那个巷子里停水了", ["县一中后面", "巷子"], "县一中后面那个巷子里"),
        ("老供销社旁边那条小路没水", ["老供销社旁边"], "老供销社旁边那条小路"),
        ("粮站对面的那栋楼水管爆了", ["粮站对面"], "粮站对面的那栋楼"),
        ("医院隔壁那条街昨天停水", ["医院隔壁"], "医院隔壁那条街"),
        ("三塘镇卫生院后面那个院子没水", [], "三塘镇卫生院后面那个院子"),
        ("县一中后面那边停水了", ["县一中后面"], "县一中后面"),
        ("县一中那个老师说停水了", ["县一中"], "县一中"),
    ],
)
def test_a_spot_that_is_pointed_at_beside_a_place_is_part_of_it(
    text: str, tagged: list[str], place: str
) -> None:
    assert places_in(text, tagged) == [place]
