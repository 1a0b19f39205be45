"""Which township a place lies in: named ones only, never a guess."""

from __future__ import annotations

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from bot.places.gazetteer import TOWNSHIPS_FILE, Resolved, gazetteer, in_township

PLACES = gazetteer(
    [("樟树村", "咸塘镇"), ("两河村", "硫市镇"), ("两河村", "茶市镇"), ("樟树村", "咸塘镇"), ("甲", "三塘镇")]
)
ROWS = yaml.safe_load(TOWNSHIPS_FILE.read_text(encoding="utf8"))["townships"]


def test_the_county_has_23_townships_each_once() -> None:
    assert len(PLACES.townships) == len(set(PLACES.townships)) == 23
    endings = [next(e for e in ("街道", "镇", "乡") if name.endswith(e)) for name in PLACES.townships]
    assert (endings.count("街道"), endings.count("镇"), endings.count("乡")) == (3, 19, 1)


@pytest.mark.parametrize("row", ROWS, ids=[row["name"] for row in ROWS])
def test_each_name_of_a_township_leads_to_it(row: dict[str, object]) -> None:
    for key in ("short", "old", "pinyin"):
        for name in row[key]:  # type: ignore[attr-defined]
            assert PLACES.resolve(name).township == row["name"], name
    assert PLACES.resolve(str(row["name"])) == Resolved(str(row["name"]), str(row["name"]), "")


@pytest.mark.parametrize(
    ("text", "township", "detail"),
    [
        ("三塘镇老街", "三塘镇", "老街"),
        ("三塘老街", "三塘镇", "老街"),
        ("三塘的老街", "三塘镇", "老街"),
        ("衡南县三塘镇老街", "三塘镇", "老街"),
        ("三唐镇老街", "三塘镇", "老街"),
        ("潭子山", "谭子山镇", ""),
        ("鸡笼街上", "岐山镇", "街上"),
        ("近尾州大桥", "近尾洲镇", "大桥"),
        ("Santang", "三塘镇", ""),
        ("santang zhen laojie", "三塘镇", "laojie"),
        ("Quanxi town", "泉溪镇", ""),
        ("云集街道金盘小区", "云集街道", "金盘小区"),
        ("县城", "云集街道", ""),
        ("向阳桥街道", "向阳桥街道", ""),
        ("三塘鎮老街", "三塘镇", "老街"),
        ("雲集街道停水", "云集街道", "停水"),
        ("衡南縣三塘鎮東門", "三塘镇", "東門"),
        ("鹹塘鎮", "咸塘镇", ""),
        ("樟樹村", "咸塘镇", "樟樹村"),
        ("花橋村", "车江街道", "花橋村"),
        ("樟树村", "咸塘镇", "樟树村"),
        ("樟树村3组", "咸塘镇", "樟树村3组"),
        ("花桥村", "车江街道", "花桥村"),
        ("花桥镇花桥村", "花桥镇", "花桥村"),
        ("车江花桥村", "车江街道", "花桥村"),
        ("近尾洲村", "近尾洲镇", "近尾洲村"),
        ("茶市社区2组", "茶市镇", "茶市社区2组"),
        ("茶市村口", "茶市镇", "村口"),
        ("三塘村里", "三塘镇", "村里"),
        ("三塘镇村部", "三塘镇", "村部"),
        ("花桥镇高坪组", "花桥镇", "高坪组"),
        ("泉溪镇樟树村", "泉溪镇", "樟树村"),
    ],
)
def test_resolve(text: str, township: str, detail: str) -> None:
    found = PLACES.resolve(text)
    assert (found.township, found.detail, found.candidates) == (township, detail, ())


@pytest.mark.parametrize(
    "text", ["牛婆凼", "老街", "甲组", "", "，。", "xsantangx", "mysantang", "yunjing", "😀"]
)
def test_an_unknown_name_stays_as_said_without_a_township(text: str) -> None:
    found = PLACES.resolve(text)
    assert (found.township, found.candidates) == (None, ())
    assert found.text == found.detail == text.strip("，。")


def test_a_village_in_two_townships_is_left_open() -> None:
    found = PLACES.resolve("两河村2组")
    assert (found.township, found.candidates) == (None, ("硫市镇", "茶市镇"))
    assert PLACES.resolve("茶市镇两河村").township == "茶市镇"


def test_townships_are_found_where_they_stand() -> None:
    text = "昨晚三唐镇停水"
    assert PLACES.find_township(text) == ("三塘镇", 2, 5)
    assert PLACES.find_township("我在三塘") == ("三塘镇", 2, 4)
    assert PLACES.find_township("没水") is None


@pytest.mark.parametrize(
    ("text", "outside"),
    [
        ("东莞", True),
        ("广东那边", True),
        ("长沙", True),
        ("廣東那邊", True),
        ("三塘镇", False),
        ("牛婆凼", False),
        ("衡阳三塘镇", False),
        ("", False),
    ],
)
def test_where_people_work_is_outside(text: str, outside: bool) -> None:
    assert PLACES.is_outside(text) is outside


@pytest.mark.parametrize(
    ("text", "county"),
    [
        ("我是祁东县洪桥街道的", "祁东"),
        ("常宁这边停水", "常宁"),
        ("雁峰区没水", "雁峰"),
        ("三塘镇常宁路停水", None),
        ("我从祁东搬到三塘镇", None),
        ("牛婆凼", None),
        ("长沙停水了", "长沙"),
        ("我不知道具体位置，我在外地，是我爸妈家", None),
        ("我在广东，屋里老人打电话说没水", None),
        ("祁东", "祁东"),
        ("我是祁东嫁过来的，家里没水", None),
        ("我老婆是衡东的，屋里水黄得很", None),
        ("常宁米粉店门口水管爆了", None),
        ("衡南县和祁东交界的地方没水", None),
        ("祁东米粉店旁边", None),
    ],
)
def test_another_county_is_known_by_name(text: str, county: str | None) -> None:
    assert PLACES.other_county(text) == county


@given(st.one_of(st.text(max_size=40), st.lists(st.sampled_from(["三塘", "雲集鎮", "花桥村", "两河村", "镇", "街道", "qishan", " "]), max_size=5).map("".join)))  # fmt: skip
def test_never_raises_and_keeps_the_words(text: str) -> None:
    found = PLACES.resolve(text)
    assert found.text in text
    assert found.detail in found.text
    assert found.township is None or found.township in PLACES.townships
    assert not (found.township and found.candidates)
    span = PLACES.find_township(text)
    assert span is None or 0 <= span[1] < span[2] <= len(text)


@pytest.mark.parametrize(
    ("township", "detail", "place"),
    [
        ("三塘镇", "老街", "三塘镇老街"),
        ("三塘镇", "Old Street", "三塘镇 Old Street"),
        ("三塘镇", "12号", "三塘镇12号"),
        ("三塘镇", "", "三塘镇"),
        (None, "Old Street", "Old Street"),
    ],
)
def test_latin_letters_stand_behind_a_blank_after_the_township(
    township: str | None, detail: str, place: str
) -> None:
    assert in_township(township, detail) == place
