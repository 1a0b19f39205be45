"""The intent classifier on a handful of sentences."""

from __future__ import annotations

import io

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.nlu.intents import MASKS, IntentModel, mask, ngrams, train

P, T = MASKS["place"], MASKS["time"]
SENTENCES = {
    "report_outage": [
        f"{P}停水了", f"{P}{T}停水", "屋里没水", "家里没水了", "水管爆了", f"{P}水好小", "水是黄的", f"{T}开始没水",
        "没水用了", "我们这里停水了",
    ],
    "check_report": [
        "修好了没有", "什么时候来水", "我报的修得怎样了", "查一下进度", "几时能修好", "报修的事怎么样了", "还要多久来水",
        "查我的报修", "进度怎么样", "有结果了没有",
    ],
    "greet": ["你好", "您好", "在吗", "喂", "早上好", "你好啊", "有人吗", "您好啊", "哈喽", "下午好"],
}  # fmt: skip


@pytest.fixture(scope="module")
def model() -> IntentModel:
    texts = [text for group in SENTENCES.values() for text in group]
    names = [name for name, group in SENTENCES.items() for _ in group]
    return train(texts, names, longest=3, strength=60.0)


def test_learns_what_it_was_shown(model: IntentModel) -> None:
    for name, texts in SENTENCES.items():
        for text in texts:
            assert model.rank(text)[0][0] == name, text


@pytest.mark.parametrize(
    ("text", "intent"),
    [
        (f"{P}那里没水", "report_outage"),
        ("怎么还没修好", "check_report"),
        ("你好你好", "greet"),
        (f"{T}停水", "report_outage"),
    ],
)
def test_goes_beyond_what_it_was_shown(model: IntentModel, text: str, intent: str) -> None:
    assert model.rank(text)[0][0] == intent


@pytest.mark.parametrize("text", ["", "xyzzy", "龘龘龘", "停水", "a" * 2000, "\ue000\ue000"])
def test_the_ranking_holds_every_intent_and_adds_up_to_one(model: IntentModel, text: str) -> None:
    ranked = model.rank(text)
    assert sorted(name for name, _ in ranked) == sorted(SENTENCES)
    assert sum(p for _, p in ranked) == pytest.approx(1, abs=1e-5)
    assert [p for _, p in ranked] == sorted((p for _, p in ranked), reverse=True)


def test_text_without_a_known_letter_is_less_sure_than_any_known_one(model: IntentModel) -> None:
    unseen = model.rank("xyzzy")[0][1]
    assert all(model.rank(texts[0])[0][1] > unseen for texts in SENTENCES.values())


def test_the_arrays_come_back_as_they_went(model: IntentModel) -> None:
    stored = io.BytesIO()
    np.savez_compressed(stored, **model.arrays())
    stored.seek(0)
    with np.load(stored) as data:
        again = IntentModel.from_arrays(dict(data))
    assert (again.intents, again.longest, dict(again.vocabulary)) == (
        model.intents, model.longest, dict(model.vocabulary),
    )  # fmt: skip
    for text in ("停水了", "你好", "", f"{P}停水了", "进度 怎样"):
        assert again.rank(text) == model.rank(text)


def test_rare_pieces_are_left_out() -> None:
    texts, names = ["停水了", "停水啊", "你好了", "你好啊"], ["a", "a", "b", "b"]
    few = train(texts, names, longest=1, least=2)
    assert set(few.vocabulary) == {"停", "水", "了", "啊", "你", "好", "\ue010", "\ue011"}


def test_a_place_never_seen_changes_nothing(model: IntentModel) -> None:
    spans = [(0, 4, "place")]
    assert model.rank(mask("龙潭村组停水了", spans)) == model.rank(mask("虎山坪上停水了", spans))


@pytest.mark.parametrize(
    ("spans", "masked"),
    [
        ([(0, 3, "place"), (3, 5, "time")], f"{P}{T}停水"),
        ([(3, 5, "time"), (0, 3, "place")], f"{P}{T}停水"),
        ([(0, 3, "place"), (0, 5, "place"), (2, 5, "time")], f"{P}昨晚停水"),
        ([(5, 7, "problem")], "三塘镇昨晚停水"),
        ([], "三塘镇昨晚停水"),
    ],
)
def test_mask(spans: list[tuple[int, int, str]], masked: str) -> None:
    assert mask("三塘镇昨晚停水", spans) == masked


def test_ngrams_have_marks_at_both_ends() -> None:
    counts = ngrams("水水", 2)
    assert (counts["水"], counts["水水"], counts["\ue010水"], counts["水\ue011"]) == (2, 1, 1, 1)
    assert sum(counts.values()) == 4 + 3


@given(st.text(max_size=30), st.integers(1, 4))
def test_there_are_as_many_ngrams_as_places_for_them(text: str, longest: int) -> None:
    padded = len(text) + 2
    wanted = sum(max(0, padded - n + 1) for n in range(1, longest + 1))
    assert sum(ngrams(text, longest).values()) == wanted
