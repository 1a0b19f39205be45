"""The character tagger, trained on a few sentences."""

from __future__ import annotations

import pytest

from bot.nlu.tagger import Tagged, Tagger, _trimmed, _whole, features, labels, train

# [place] and {problem} are marked in the sentences.
MARKED = [
    f"[{place}]{when}{{{problem}}}了"
    for place in ("三塘镇老街", "泉溪镇", "樟树村", "老街口", "硫市镇双桥村", "金盘小区")
    for when in ("", "昨晚", "今天又")
    for problem in ("停水", "没水")
] + ["家里{没水}了", "你好", "谢谢你", "什么时候来水", "我要找人工", "[老街口]附近有养老点吗"]


def unmarked(sentence: str) -> tuple[str, list[tuple[int, int, str]]]:
    text, spans, start = "", [], 0
    for char in sentence:
        if char in "[{":
            start = len(text)
        elif char in "]}":
            spans.append((start, len(text), "place" if char == "]" else "problem"))
        else:
            text += char
    return text, spans


@pytest.fixture(scope="module")
def tagger(tmp_path_factory: pytest.TempPathFactory) -> Tagger:
    path = tmp_path_factory.mktemp("tagger") / "crf"
    pairs = [unmarked(sentence) for sentence in MARKED]
    train(path, [(features(text, [""] * len(text), {}), labels(text, spans)) for text, spans in pairs])
    return Tagger(path)


@pytest.mark.parametrize("sentence", MARKED)
def test_finds_what_it_was_shown_at_its_place(tagger: Tagger, sentence: str) -> None:
    text, spans = unmarked(sentence)
    assert tagger.tag(text, [""] * len(text), {}) == [
        Tagged(entity, start, end) for start, end, entity in spans
    ]


def test_finds_a_village_never_seen(tagger: Tagger) -> None:
    found = tagger.tag("枫树村停水了", [""] * 6, {})
    assert Tagged("place", 0, 3) in found
    assert Tagged("problem", 3, 5) in found


@pytest.mark.parametrize("text", ["", " ", "。", "xyz", "😀", "停" * 500])
def test_any_text_gives_spans_inside_it_in_order(tagger: Tagger, text: str) -> None:
    found = tagger.tag(text, [""] * len(text), {})
    ends = [0, *(span.end for span in found)]
    assert all(0 <= span.start < span.end <= len(text) for span in found)
    assert all(span.start >= end for span, end in zip(found, ends))


def test_spaces_and_marks_at_the_edge_are_left_out(tagger: Tagger) -> None:
    for span in tagger.tag("老街口，停水了。", [""] * 8, {}):
        assert (
            "老街口，停水了。"[span.start : span.end].strip("，。 ")
            == "老街口，停水了。"[span.start : span.end]
        )


def test_how_much_is_off_is_no_part_of_where() -> None:
    assert _trimmed("茶市街上全停了", "place", 0, 5) == Tagged("place", 0, 4)
    assert _trimmed("茶市街上都没水", "place", 0, 5) == Tagged("place", 0, 4)
    assert _trimmed("三塘镇安全村停水", "place", 0, 6) == Tagged("place", 0, 6)


def test_a_span_does_not_end_inside_a_syllable_or_a_word() -> None:
    assert _whole("san tang tingshui le", [Tagged("place", 0, 6), Tagged("problem", 12, 17)]) == [
        Tagged("place", 0, 8),
        Tagged("problem", 9, 17),
    ]
    # Of two spans in one syllable the later begins where the first ends.
    assert _whole("shuiguan", [Tagged("place", 0, 2), Tagged("problem", 2, 8)])[1:] == [
        Tagged("problem", 4, 8)
    ]


def test_labels() -> None:
    assert labels("三塘停水", [(0, 2, "place"), (2, 4, "problem")]) == [
        "B-place", "I-place", "B-problem", "I-problem",
    ]  # fmt: skip
    assert labels("三塘停水", [(0, 2, "place"), (1, 3, "problem"), (3, 4, "time")]) == [
        "B-place",
        "I-place",
        "O",
        "O",
    ]
    assert labels("", []) == []


def test_a_feature_row_for_each_character_with_its_mark() -> None:
    rows = features("3号街", ["number", "", ""], {"service": ["", "B", "I"]})
    assert len(rows) == 3
    assert "m=number" in rows[0]
    assert "first" in rows[0]
    assert "first" not in rows[1]
    assert "k=digit" in rows[0]
    assert "k=han" in rows[1]
    assert "ending" in rows[2]
    assert "m-=number" in rows[1]
    assert "m+=$" in rows[2]
    assert "service=B" in rows[1]
    assert "service+" in rows[0]
    assert "service-" in rows[2]
    assert "s=jie" in rows[2]


def test_a_typed_syllable_has_the_features_of_the_character_that_it_sounds_like() -> None:
    typed, written = features("shui", [""] * 4, {}), features("水", [""], {})
    heard = {feature for feature in written[0] if feature.startswith("s")}
    assert heard <= set(typed[0])
