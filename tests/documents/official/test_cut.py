"""Texts in many styles of numbering are cut into the right clauses, and no character is lost."""

from __future__ import annotations

import time
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from bot.documents.official.cut import MAX_PIECES, Cut, cut, words
from bot.documents.official.lines import squeezed
from bot.errors import BadInput

CASES = yaml.safe_load((Path(__file__).parent / "cases.yml").read_text(encoding="utf8"))
NAMED = pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])


def cut_case(case: dict[str, Any]) -> Cut:
    return cut([case["text"]], name="sample.txt")


def without(text: str, left_out: tuple[str, ...]) -> str:
    """The characters of a text that are no space, without the lines left out."""
    text = squeezed(text)
    for line in left_out:
        text = text.replace(squeezed(line), "", 1)
    return text


@NAMED
def test_every_clause_has_its_id_and_no_other_is_made_up(case: dict[str, Any]) -> None:
    assert [clause.path for document in cut_case(case).documents for clause in document.clauses] == case[
        "ids"
    ]


@NAMED
def test_no_character_is_lost_or_moved(case: dict[str, Any]) -> None:
    done = cut_case(case)
    assert "".join(map(words, done.documents)) == without(case["text"], done.left_out)


@NAMED
def test_what_is_said_of_the_documents(case: dict[str, Any]) -> None:
    done = cut_case(case)
    said = {
        "titles": [document.title for document in done.documents],
        "numbers": [document.number for document in done.documents],
        "dates": [document.issued_on and document.issued_on.isoformat() for document in done.documents],
        "kinds": [piece.kind for document in done.documents for piece in document.pieces],
    }
    said["dates"] = [str(day) for day in said["dates"]]
    wanted = {key: case[key] for key in said if key in case}
    if "dates" in wanted:
        wanted["dates"] = [str(day) for day in wanted["dates"]]
    assert {key: said[key] for key in wanted} == wanted
    assert list(done.left_out) == case.get("left_out", [])


@NAMED
def test_the_words_are_those_of_the_clause(case: dict[str, Any]) -> None:
    pieces = [piece for document in cut_case(case).documents for piece in document.pieces]
    for path, said in case.get("own", {}).items():
        own = "\n".join(piece.text for piece in pieces if piece.path == path)
        missing = [part for part in said if part not in own]
        assert not missing, path
        others = "\n".join(piece.text for piece in pieces if piece.path != path)
        assert not [part for part in said if part in others], path
    for path, begins in case.get("first", {}).items():
        assert next(piece.text for piece in pieces if piece.path == path).startswith(begins)


@NAMED
def test_warnings_are_those_that_are_due(case: dict[str, Any]) -> None:
    warnings = [warning for document in cut_case(case).documents for warning in document.warnings]
    wanted = case.get("warns", [])
    assert len(warnings) == len(wanted), warnings
    for part in wanted:
        assert any(part in warning for warning in warnings), part


def test_headings_above_a_clause_are_told() -> None:
    (document,) = cut(
        ["青石县山洪应急预案\n1 总则\n1.1 目的\n1.1.1 职责：\n(1)救人。\n1.1.2 其他。"]
    ).documents
    item = next(piece for piece in document.pieces if piece.path == "1.1.1/1")
    assert item.headings == ("1 总则", "1.1 目的")


def test_a_running_head_and_bare_page_numbers_of_pages_are_left_out_but_the_title_stays() -> None:
    pages = [
        "青石县水库管理办法\n第一条 水库大坝两侧各一百米以内不得取土、\n1",
        "青石县水库管理办法\n采石。\n第二条 乙。\n2",
        "青石县水库管理办法\n第三条 丙。\n3",
    ]
    done = cut(pages)
    (document,) = done.documents
    assert document.title == "青石县水库管理办法"
    assert [clause.text for clause in document.clauses] == [
        "第一条 水库大坝两侧各一百米以内不得取土、采石。", "第二条 乙。", "第三条 丙。",
    ]  # fmt: skip
    assert done.left_out == ("1", "青石县水库管理办法", "2", "青石县水库管理办法", "3")


@pytest.mark.parametrize(
    "text", ["", "  \n\n", "青石县水库管理办法\n没有编号的话。", "今天天气好。\n今天去赶集。"]
)
def test_a_text_without_clauses_is_refused_with_the_reason(text: str) -> None:
    with pytest.raises(BadInput, match="没有找到条款"):
        cut([text], name="x.txt")


def test_a_text_with_far_too_many_clauses_is_refused() -> None:
    with pytest.raises(BadInput, match="不像一份文件"):
        cut(["青石县水库管理办法\n一、甲\n" + "（一）乙。\n" * (MAX_PIECES + 1)], name="x.txt")


@pytest.mark.parametrize(
    "text",
    ["（一）" * 300_000, "第一条" + " " * 1_000_000 + "甲", "\n" * 1_000_000 + "第一条 甲。", "关于印发《" * 200_000,
     "关于\n" * 100_000, "青石县办法\n" * 50_000, "第一条 甲。\n" + "青石县人民政府\n" * 50_000,
     "目录\n" + "一、\n" * 15_000, "1 .1 " * 100_000, "、".join(["县"] * 300_000) + "办法"],
    ids=lambda text: repr(text[:8]),
)  # fmt: skip
def test_a_hostile_text_costs_no_time(text: str) -> None:
    begun = time.process_time()
    with suppress(BadInput):
        cut([text])
    assert time.process_time() - begun < 10


# composed texts

WORDS = st.text("水库堤坝巡查单位应当及时报告和处理险情", min_size=2, max_size=60)
SENTENCE = WORDS.map(lambda words: f"{words}。")
HAN = "一二三四五六七八九十"


@st.composite
def articles(draw: st.DrawFn) -> tuple[list[str], list[str]]:
    """Lines of a text in articles and their ids, printed in mixed forms."""
    lines, ids = ["青石县水库管理办法"], []
    for number in range(1, draw(st.integers(1, 12)) + 1):
        said = draw(st.sampled_from([_han(number), " ".join(_han(number)), str(number), _wide(number)]))
        gap = draw(st.sampled_from(["", " ", "　", "\n"]))
        lines += [*draw(st.sampled_from([[], ["", ""], ["第一章 总则"] if number == 1 else [""]]))]
        lines += f"{draw(st.sampled_from(['', '  ', '　　']))}第{said}条{gap}{draw(SENTENCE)}".split("\n")
        ids.append(str(number))
        for item in range(1, draw(st.integers(0, 4)) + 1):
            form = draw(st.sampled_from(["（{}）", "({})", "（ {} ）", "  （{}）"]))
            lines.append(form.format(_han(item)) + draw(SENTENCE))
            ids.append(f"{number}/{item}")
        lines += draw(st.lists(SENTENCE, max_size=2))
    return lines, ids


@st.composite
def sections(draw: st.DrawFn) -> tuple[list[str], list[str]]:
    """Lines of a text in sections (1, 1.1, 1.1.1, items) and their ids."""
    lines, ids = (
        ["青石县山洪应急预案", "1．总则", "1.1 目的", draw(SENTENCE), "1.2范围", draw(SENTENCE)],
        ["1", "1.1", "1.2"],
    )
    dot = st.sampled_from([".", "．", " .", ". "])
    for chapter in range(2, draw(st.integers(2, 6)) + 1):
        lines.append(f"{chapter}{draw(st.sampled_from(['.', '．', '、', ' ']))}组织")
        ids.append(str(chapter))
        for section in range(1, draw(st.integers(0, 4)) + 1):
            lines.append(f"{chapter}{draw(dot)}{section} {draw(SENTENCE)}")
            ids.append(f"{chapter}.{section}")
            for part in range(1, draw(st.integers(0, 3)) + 1):
                lines.append(f"{chapter}{draw(dot)}{section}{draw(dot)}{part} {draw(SENTENCE)}")
                ids.append(f"{chapter}.{section}.{part}")
                for item in range(1, draw(st.integers(0, 3)) + 1):
                    lines.append(
                        draw(st.sampled_from(["({})", "（{}）", "{})"])).format(item) + draw(SENTENCE)
                    )
                    ids.append(f"{chapter}.{section}.{part}/{item}")
    return lines, ids


HEADS = st.sampled_from(["— 12 —", "- 3 -", "第 4 页", "青石政报2024.05      法规", "第5页 共20页"])


@given(st.one_of(articles(), sections()), st.lists(st.tuples(st.integers(1, 60), HEADS), max_size=4))
def test_whatever_the_forms_the_ids_are_right_and_no_character_is_lost(
    made: tuple[list[str], list[str]], heads: list[tuple[int, str]]
) -> None:
    lines, ids = made
    with_heads = list(lines)
    for at, head in heads:
        with_heads.insert(min(at, len(with_heads)), head)
    done = cut(["\n".join(with_heads)], name="sample.txt")
    (document,) = done.documents
    assert [clause.path for clause in document.clauses] == ids
    assert words(document) == squeezed("\n".join(lines))
    assert sorted(done.left_out) == sorted(head for _, head in heads)


@given(
    st.text(
        st.sampled_from("第一二条章、（）(1).2①附件组：。\n 关于印发《》的通知办法目录政府2021年月日— "),
        max_size=300,
    )
)
def test_no_text_at_all_loses_a_character(text: str) -> None:
    try:
        done = cut([text])
    except BadInput:
        return
    assert "".join(map(words, done.documents)) == without(text, done.left_out)
    paths = [clause.path for document in done.documents for clause in document.clauses]
    assert all(len(set(own)) == len(own) for own in ([c.path for c in d.clauses] for d in done.documents)), (
        paths
    )


def _han(number: int) -> str:
    return HAN[number - 1] if number <= 10 else f"十{HAN[number - 11]}"


def _wide(number: int) -> str:
    return "".join(chr(ord("０") + int(digit)) for digit in str(number))
