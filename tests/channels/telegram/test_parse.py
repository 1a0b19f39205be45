"""Updates as Telegram sends them, broken ones, and a hundred thousand that nobody would send."""

from __future__ import annotations

import json
import random
from copy import deepcopy
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.channels.model import BadMessage, Words
from bot.channels.telegram.contents import Me
from bot.channels.telegram.parse import MAX_BYTES, Parsed, parse, read, split_address
from bot.settings import Settings

ME = Me(700, "wuchang_bot")
CASES: list[dict[str, Any]] = yaml.safe_load(
    (Path(__file__).parent / "updates.yml").read_text(encoding="utf8")
)
SOUND = [case for case in CASES if "error" not in case]
BROKEN = [case for case in CASES if "error" in case]
FUZZED = 100_000


def named(case: dict[str, Any]) -> str:
    return str(case["case"])


@pytest.mark.parametrize("case", SOUND, ids=named)
def test_an_update_comes_to_what_was_meant(case: dict[str, Any]) -> None:
    parsed = parse(read(json.dumps(case["update"]).encode()), ME)
    assert parsed.gone == case.get("gone")
    assert (asdict(parsed.pressed) if parsed.pressed else None) == case.get("pressed")
    received = parsed.received
    if "gives" not in case:
        assert received is None
        return
    assert received is not None
    kind, fields = case["gives"]
    expected = {"cut": False, **fields} if kind == "Words" else fields
    assert (type(received.sent).__name__, asdict(received.sent)) == (kind, expected)
    assert (received.address, received.reply_to) == (case["to"], case.get("reply_to"))


@pytest.mark.parametrize("case", BROKEN, ids=named)
def test_a_broken_update_is_refused(case: dict[str, Any]) -> None:
    with pytest.raises(BadMessage) as refused:
        parse(read(json.dumps(case["update"]).encode()), ME)
    assert (refused.value.code, refused.value.status) == (case["error"], 400)


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"", "not_json"), (b"{", "not_json"), (b"\xff\xfe", "not_json"), (b"[" * 100_000, "not_json"), (b"[]", "malformed"),
        (b"null", "malformed"), (b'"x"', "malformed"), (b'{"update_id": NaN}', "not_json"), (b'{"update_id": 1e400}', "malformed"),
        (b'{"update_id": ' + b"9" * 5000 + b"}", "not_json"), (b" " * (MAX_BYTES + 1), "too_large"),
    ],
    ids=["nothing", "half", "no UTF-8", "deep", "list", "null", "string", "NaN", "infinite", "huge number", "too long"],
)  # fmt: skip
def test_a_body_that_is_no_update_is_refused(body: bytes, code: str) -> None:
    with pytest.raises(BadMessage) as refused:
        read(body)
    assert refused.value.code == code
    assert 400 <= refused.value.status < 500


def test_the_same_update_has_the_same_key_and_another_has_another() -> None:
    keys = {
        parse(case["update"], ME).received.key
        for case in SOUND
        if case["update"]["update_id"] < 1030 and "gives" in case
    }  # type: ignore[union-attr]
    assert len(keys) == len(
        [case for case in SOUND if case["update"]["update_id"] < 1030 and "gives" in case]
    )
    assert all(len(key) <= 128 for key in keys)


def test_two_taps_on_one_button_are_one_message_and_two_buttons_are_two() -> None:
    press = next(case["update"] for case in SOUND if case["case"] == "a pressed button")
    again, other = deepcopy(press), deepcopy(press)
    again["update_id"], again["callback_query"]["id"] = 9999, "another"
    other["callback_query"]["data"] = "tok_AbC-2"
    first, second, third = (parse(update, ME).received for update in (press, again, other))
    assert first
    assert second
    assert third
    assert first.key == second.key != third.key
    assert first.sent != third.sent
    assert len(first.key) == 33


def test_a_long_text_is_cut_and_says_so() -> None:
    update = deepcopy(SOUND[0]["update"])
    update["message"]["text"] = "水" * 4096
    received = parse(update, ME).received
    assert received
    assert received.sent == Words("水" * 1000, cut=True)


def test_the_moment_is_the_countys(monkeypatch: pytest.MonkeyPatch) -> None:
    from bot import clock

    monkeypatch.setattr(clock, "settings", lambda: Settings(timezone="Asia/Shanghai"))
    received = parse(SOUND[0]["update"], ME).received
    assert received
    assert received.sent_at == datetime(2026, 11, 26, 19, 0)


def test_an_address_is_a_chat_and_perhaps_a_person() -> None:
    assert split_address("42") == (42, False)
    assert split_address("-1001:43") == (-1001, True)


# what nobody would send


def outcome(update: Any) -> Parsed | int:
    try:
        return parse(read(json.dumps(update).encode()), ME)
    except BadMessage as refused:
        return refused.status


ODD: list[Any] = [
    None, True, 0, -1, 2**63, 1e308, "", "x", "/start", "\ud800", "@wuchang_bot", [], [[]], {}, {"id": 1}, [1, "a", None], "水" * 5000
]  # fmt: skip


def broken(dice: random.Random, value: Any) -> Any:
    """`value` with one part of it replaced, left out, or put elsewhere."""
    if isinstance(value, dict) and value and dice.random() < 0.85:
        name = dice.choice(list(value))
        if dice.random() < 0.15:
            return {key: kept for key, kept in value.items() if key != name}
        if dice.random() < 0.1:
            return {**value, dice.choice(["message", "text", "photo", "chat", "location"]): dice.choice(ODD)}
        return {**value, name: broken(dice, value[name])}
    if isinstance(value, list) and value and dice.random() < 0.8:
        i = dice.randrange(len(value))
        return [*value[:i], broken(dice, value[i]), *value[i + 1 :]]
    return dice.choice(ODD)


def test_a_hundred_thousand_fuzzed_updates_are_refused_or_understood() -> None:
    dice = random.Random(5)
    refused = 0
    for i in range(FUZZED):
        update = broken(dice, SOUND[i % len(SOUND)]["update"])
        for _ in range(dice.randrange(3)):
            update = broken(dice, update)
        result = outcome(update)
        if isinstance(result, int):
            assert 400 <= result < 500
            refused += 1
        elif result.received:
            split_address(result.received.address)
            assert len(result.received.key) <= 128
    assert FUZZED * 0.2 < refused < FUZZED * 0.9


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(
        st.sampled_from(["update_id", "message", "chat", "from", "id", "type", "text", "photo", "location", "data", "callback_query", "document"]) | st.text(max_size=5),
        inner, max_size=5,
    ),
    max_leaves=25,
)  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(JSON)
def test_any_json_is_refused_or_understood(value: Any) -> None:
    result = outcome(value)
    assert isinstance(result, Parsed) or 400 <= result < 500


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=200))
def test_any_bytes_are_refused_or_read(body: bytes) -> None:
    try:
        status = int(bool(read(body)))
    except BadMessage as refused:
        status = refused.status
    assert status == 1 or 400 <= status < 500


@settings(max_examples=300, deadline=None)
@given(st.text())
def test_no_text_runs_an_intent(text: str) -> None:
    update = {"update_id": 1, "message": {"message_id": 1, "from": {"id": 4}, "chat": {"id": 4, "type": "private"}, "text": text}}  # fmt: skip
    received = parse(update, ME).received
    assert received
    if isinstance(received.sent, Words):
        assert not received.sent.text.startswith(("/", "／"))
