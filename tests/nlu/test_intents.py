"""The intent classifier on a handful of sentences."""

from __future__ import annotations

import io
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.nlu.encoder import encode
from bot.nlu.intents import MASKS, IntentModel, mask, ngrams, train
from bot.nlu.syllables import syllables

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
    return train(texts, names, encode(texts), longest=3, strength=60.0, least=1)


def ranked(model: IntentModel, text: str) -> list[tuple[str, float]]:
    return model.rank(text, lambda: encode([text])[0])


def test_learns_what_it_was_shown(model: IntentModel) -> None:
    for name, texts in SENTENCES.items():
        for text in texts:
            assert ranked(model, text)[0][0] == name, text


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
    assert ranked(model, text)[0][0] == intent


@pytest.mark.parametrize("text", ["", "xyzzy", "龘龘龘", "停水", "a" * 2000, "\ue000\ue000"])
def test_the_ranking_holds_every_intent_and_adds_up_to_one(model: IntentModel, text: str) -> None:
    found = ranked(model, text)
    assert sorted(name for name, _ in found) == sorted(SENTENCES)
    assert sum(p for _, p in found) == pytest.approx(1, abs=1e-5)
    assert [p for _, p in found] == sorted((p for _, p in found), reverse=True)


def test_text_without_a_known_letter_is_less_sure_than_any_known_one(model: IntentModel) -> None:
    unseen = ranked(model, "xyzzy")[0][1]
    assert all(ranked(model, texts[0])[0][1] > unseen for texts in SENTENCES.values())


def test_the_arrays_come_back_as_they_went(model: IntentModel) -> None:
    stored = io.BytesIO()
    np.savez_compressed(stored, **model.arrays())
    stored.seek(0)
    with np.load(stored) as data:
        again = IntentModel.from_arrays(dict(data))
    assert (again.sure, again.longest) == (model.sure, model.longest)
    for ours, theirs in ((again.quick, model.quick), (again.full, model.full)):
        assert (ours.names, ours.vocabulary) == (theirs.names, theirs.vocabulary)
    for text in ("停水了", "你好", "", f"{P}停水了", "进度 怎样"):
        there, here = dict(ranked(model, text)), dict(ranked(again, text))
        assert here == pytest.approx(there, abs=1e-3)  # weights are stored in half precision


def test_rare_pieces_are_left_out() -> None:
    texts, names = ["停水了", "停水啊", "你好了", "你好啊"], ["a", "a", "b", "b"]
    few = train(texts, names, encode(texts), longest=1, least=2)
    written = {"停", "水", "了", "啊", "你", "好", "\ue010", "\ue011"}
    heard = {f"\ue012{sound}" for sound in ("ting", "shui", "le", "a", "ni", "hao", "\ue010", "\ue011")}
    one_sound = {piece for piece in few.quick.vocabulary if " " not in piece}
    assert one_sound == written | heard
    assert "\ue012ting shui" in few.quick.vocabulary
    assert "\ue012shui le" not in few.quick.vocabulary  # in one sentence only


def test_the_vector_is_asked_for_only_where_the_n_grams_are_unsure(model: IntentModel) -> None:
    asked: list[str] = []

    def vector() -> np.ndarray:
        asked.append("asked")
        return encode(["停水了"])[0]

    assert replace(model, sure=0.2).rank("停水了", vector)[0][0] == "report_outage"
    assert asked == []
    assert replace(model, sure=1.1).rank("停水了", vector)[0][0] == "report_outage"
    assert asked == ["asked"]


def test_words_never_seen_are_understood_by_what_they_are_about(model: IntentModel) -> None:
    """No word of the sentence stands in the training, so the n-grams alone cannot tell."""
    sure = replace(model, sure=1.1)
    assert ranked(sure, "good morning")[0][0] == "greet"
    assert ranked(sure, "no tap water")[0][0] == "report_outage"


def test_typed_pinyin_and_misheard_characters_count_as_the_words_they_sound_like(model: IntentModel) -> None:
    quick = replace(model, sure=0.0)
    for heard in ("tingshui le", "ting shui le", "婷睡了"):
        assert ranked(quick, heard)[0][0] == "report_outage", heard


def test_a_place_never_seen_changes_nothing(model: IntentModel) -> None:
    spans = [(0, 4, "place")]
    assert ranked(model, mask("龙潭村组停水了", spans)) == ranked(model, mask("虎山坪上停水了", spans))


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
    assert (counts["\ue012shui"], counts["\ue012shui shui"]) == (2, 1)
    assert sum(counts.values()) == 2 * (4 + 3)


@given(st.text(max_size=30), st.integers(1, 4))
def test_there_are_as_many_ngrams_as_places_for_them(text: str, longest: int) -> None:
    def places(length: int, longest: int) -> int:
        return sum(max(0, length + 2 - n + 1) for n in range(1, longest + 1))

    wanted = places(len(text), longest) + places(len(syllables(text)), 2)
    assert sum(ngrams(text, longest).values()) == wanted
