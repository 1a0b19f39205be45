from __future__ import annotations

import json
import random
import unicodedata
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from bot.channels.incoming import MAX_BYTES, is_over, parse, resolve
from bot.channels.model import MAX_CHARS, BadMessage, Message, Place, Press, Words, clean

HERE = Path(__file__).parent
TEXTS = yaml.safe_load((HERE / "texts.yml").read_text(encoding="utf-8"))
BODIES = yaml.safe_load((HERE / "bodies.yml").read_text(encoding="utf-8"))


def body_of(case: dict[str, Any]) -> bytes:
    if "latin" in case:
        return str(case["latin"]).encode("latin-1")
    text = str(case["body"])
    if "repeat" in case:
        for unit in ("AAAA", "9999", "["):
            text = text.replace(unit, unit * case["repeat"])
    return text.encode()


def as_body(**given: Any) -> bytes:
    return json.dumps(given).encode()


@pytest.mark.parametrize("case", TEXTS, ids=lambda case: case["what"])
def test_words_are_cleaned(case: dict[str, Any]) -> None:
    body = as_body(text=case["text"])
    if case["kept"] is None:
        with pytest.raises(BadMessage) as refused:
            parse(body)
        assert refused.value.code == "empty"
    else:
        assert parse(body) == Words(case["kept"])


@pytest.mark.parametrize("case", BODIES, ids=lambda case: case["what"])
def test_bad_bodies_are_refused(case: dict[str, Any]) -> None:
    with pytest.raises(BadMessage) as refused:
        resolve(parse(body_of(case)), {})
    assert (refused.value.code, refused.value.status) == (case["code"], case.get("status", 400))


def test_a_lone_surrogate_goes() -> None:
    assert parse(b'{"text": "\\ud83d\\u505c\\u6c34"}') == Words("停水")


@pytest.mark.parametrize(
    ("length", "cut"), [(MAX_CHARS - 1, False), (MAX_CHARS, False), (MAX_CHARS + 1, True)]
)
def test_a_long_text_is_cut_and_says_so(length: int, cut: bool) -> None:
    sent = parse(as_body(text="水" * length))
    assert sent == Words("水" * min(length, MAX_CHARS), cut)
    assert resolve(sent, {}).cut is cut


def test_the_largest_body_is_taken() -> None:
    assert len(body := b'{"text": "' + b"a" * (MAX_BYTES - 12) + b'"}') == MAX_BYTES
    assert parse(body) == Words("a" * MAX_CHARS, cut=True)


def test_a_place_becomes_text_and_metadata() -> None:
    sent = parse(as_body(location={"lat": 26.9681234567, "lon": -112.5, "more": 1}))
    assert sent == Place(26.9681234567, -112.5)
    assert resolve(sent, {}) == Message(
        "[位置] 26.968123,-112.500000",
        "[位置] 26.968123,-112.500000",
        {"location": {"lat": 26.9681234567, "lon": -112.5, "datum": "wgs84"}},
    )


@pytest.mark.parametrize(("lat", "lon"), [(90, 180), (-90, -180), (0, 0)])
def test_the_edges_of_the_map_are_places(lat: int, lon: int) -> None:
    assert parse(as_body(location={"lat": lat, "lon": lon})) == Place(lat, lon)


def test_an_offered_button_goes_as_it_is_and_shows_its_own_title() -> None:
    payload = '/report_outage{"x": 1}'
    sent = parse(as_body(payload=payload, title="别的字"))
    assert sent == Press(payload, "别的字")
    assert resolve(sent, {payload: "报停水"}) == Message(payload, "报停水")


@pytest.mark.parametrize(
    ("sent", "over"),
    [
        (Press("/affirm", "对"), True),
        (Press("/affirm", "删掉"), False),
        (Press("/deny", "不对"), False),  # not offered now: words
        (Press("/affirm"), False),
        (Press("/report_outage", "报停水"), False),
        (Words("对"), False),
    ],
)
def test_a_yes_counts_for_the_question_that_it_stood_under(sent: Press | Words, over: bool) -> None:
    assert is_over(sent, {"/affirm": "删掉", "/report_outage": "再报一处"}) is over


def test_a_button_that_was_not_offered_is_only_words() -> None:
    sent = parse(as_body(payload="/restart", title="／重新开始"))
    assert resolve(sent, {"/affirm": "对"}) == Message("重新开始", "重新开始")


@given(st.text())
def test_cleaning_leaves_no_slash_in_front_and_nothing_invisible(text: str) -> None:
    cleaned = clean(text)
    assert not unicodedata.normalize("NFKC", cleaned).lstrip().startswith("/")
    assert cleaned == cleaned.strip() == clean(cleaned)
    cleaned.encode("utf-8")
    assert all(char == "\n" or unicodedata.category(char) not in {"Cc", "Cf", "Cs"} for char in cleaned)


def outcome(body: bytes) -> Message | BadMessage:
    try:
        return resolve(parse(body), {"/affirm": "对"})
    except BadMessage as refused:
        return refused


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)
KEYS = st.sampled_from(["text", "payload", "title", "location"])
LOCATIONS = st.dictionaries(st.sampled_from(["lat", "lon"]), JSON)


@given(st.binary() | JSON.map(json.dumps).map(str.encode)
       | st.dictionaries(KEYS, JSON | LOCATIONS).map(json.dumps).map(str.encode))  # fmt: skip
def test_any_body_is_a_message_or_a_refusal(body: bytes) -> None:
    result = outcome(body)
    if isinstance(result, BadMessage):
        assert 400 <= result.status < 500
        assert result.code
    else:
        assert result.text == "/affirm" or not result.text.startswith("/")
        assert 0 < len(result.text) <= MAX_CHARS


SOUND: list[dict[str, Any]] = [
    {"text": "三塘镇老街昨晚八点停水"},
    {"payload": "/affirm", "title": "对"},
    {"location": {"lat": 26.968, "lon": 112.371}},
    {"text": "／重新开始", "title": None, "more": [1, {"a": "b"}]},
]
ODD: list[Any] = [
    None, True, 0, -1, 2**63, 1e308, float("inf"), "", " ", "/restart", "\ud800", "\u200b", [], [[]], {}, {"lat": 91}, [1, "a"],
    "水" * 5000,
]  # fmt: skip


def bent(dice: random.Random, value: Any) -> Any:
    """`value` with one part of it replaced, left out, or put elsewhere."""
    if not isinstance(value, dict) or not value or dice.random() < 0.1:
        return dice.choice(ODD)
    name, chance = dice.choice(list(value)), dice.random()
    if chance < 0.1:
        return {key: kept for key, kept in value.items() if key != name}
    if chance < 0.3:
        return {**value, dice.choice(["text", "payload", "title", "location", "lat"]): dice.choice(ODD)}
    return {**value, name: bent(dice, value[name])}


def torn(dice: random.Random, body: bytes) -> bytes:
    """`body` with a few bytes cut off, doubled or replaced."""
    at = dice.randrange(len(body) + 1)
    put = dice.choice([b"", b"\x00", b"\xff", b'"', b"}", b"{", b"[" * 30, body[:at]])
    return body[:at] + put + body[at + dice.randrange(4) :]


def test_a_hundred_thousand_bent_bodies_are_refused_or_understood() -> None:
    dice, refused = random.Random(5), 0
    for number in range(100_000):
        made = bent(dice, SOUND[number % len(SOUND)])
        body = json.dumps(bent(dice, made) if dice.random() < 0.3 else made).encode()
        result = outcome(torn(dice, body) if dice.random() < 0.2 else body)
        if isinstance(result, BadMessage):
            assert 400 <= result.status < 500
            refused += 1
        else:
            assert result.text == "/affirm" or not result.text.startswith("/")
            assert 0 < len(result.text) <= MAX_CHARS
    assert 20_000 < refused < 90_000
