"""Versions in the database, on both kinds of it: imported twice, changed, refused, read again."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from bot.documents.digest import digest
from bot.documents.official.cut import cut
from bot.documents.official.lines import squeezed
from bot.documents.official.listings import piece_lines, version_lines
from bot.documents.official.store import (
    ImportReport,
    ancestors,
    current_documents,
    current_texts,
    import_document,
    versions,
)
from bot.errors import BadInput, NotFound
from bot.storage import tables
from bot.storage.database import engine_for, session_scope
from tests.conftest import NOW
from tests.documents.test_digest import expected_ids

GAZETTE = Path("/work/shared/gazette-2021-12.txt")
LATER = NOW + timedelta(days=30)

MEASURES = """青石县水库管理办法
青石政发〔2024〕7号
第一条 为了管好水库。
第二条 分工如下：
（一）水利局管水；
（二）乡镇管堤。
有争议的由县政府定。
第三条 自公布之日起施行。
2024年5月1日"""
CHANGED = MEASURES.replace("乡镇管堤", "村里管堤").replace("〔2024〕7号", "〔2025〕9号")
ID = "qing-shi-xian-shui-ku-guan-li-ban-fa"


@pytest.fixture
def database_url(each_database_url: str) -> str:
    """SQLite and PostgreSQL."""
    return each_database_url


@pytest.fixture
def session(database_url: str) -> Iterator[Session]:
    with Session(engine_for(database_url), future=True) as opened, opened.begin():
        yield opened


def rows(session: Session) -> tuple[int, int]:
    """How many versions and pieces are stored."""
    kinds = (tables.OfficialDocument, tables.OfficialClause)
    return tuple(session.scalar(select(func.count()).select_from(kind)) for kind in kinds)  # type: ignore[return-value]


def states(report: ImportReport) -> dict[str, str]:
    return {document.id: document.state for document in report.documents}


# one document


def test_a_text_comes_in_with_its_clauses(session: Session) -> None:
    report = import_document(session, MEASURES, now=NOW)
    (told,) = report.documents
    assert (told.id, told.state, told.clauses, told.first, told.last, told.warnings) == (
        ID, "added", 5, "第一条", "第三条", (),
    )  # fmt: skip
    (document,) = current_documents(session)
    assert (document.title, document.number, document.issued_on) == (
        "青石县水库管理办法", "青石政发〔2024〕7号", date(2024, 5, 1),
    )  # fmt: skip
    assert (document.valid_from, document.valid_until) == (NOW, None)


def test_a_clause_has_its_own_words_and_those_of_its_items(session: Session) -> None:
    import_document(session, MEASURES, now=NOW)
    texts = current_texts(session)
    assert list(texts) == [f"{ID}/{path}" for path in ("1", "2", "2/1", "2/2", "3")]
    article, item = texts[f"{ID}/2"], texts[f"{ID}/2/2"]
    assert article.own == "第二条 分工如下：\n有争议的由县政府定。"
    assert article.text == "第二条 分工如下：\n（一）水利局管水；\n（二）乡镇管堤。\n有争议的由县政府定。"
    assert (item.label, item.citation, item.own, item.text) == (
        "（二）", "第二条（二）", "（二）乡镇管堤。", "（二）乡镇管堤。",
    )  # fmt: skip
    assert item.document == "青石县水库管理办法"


def test_the_same_text_again_changes_nothing(session: Session) -> None:
    import_document(session, MEASURES, now=NOW)
    stored = rows(session)
    spaced = MEASURES.replace("第一条 ", "第一条　　").replace("\n", "\r\n\r\n")
    assert states(import_document(session, spaced, now=LATER)) == {ID: "unchanged"}
    assert rows(session) == stored
    assert current_documents(session)[0].valid_from == NOW


def test_the_same_words_cut_into_other_clauses_are_a_new_version(session: Session) -> None:
    import_document(session, MEASURES.replace("；\n（二）", "；（二）"), now=NOW)
    assert states(import_document(session, MEASURES, now=LATER)) == {ID: "replaced"}


def test_the_same_pieces_under_other_ids_are_a_new_version(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As after a better reading of the numbers: the old ids must not stay."""
    import_document(session, MEASURES, now=NOW)
    done = cut([MEASURES])
    (document,) = done.documents
    moved = tuple(replace(piece, path=piece.path and f"附件/{piece.path}") for piece in document.pieces)
    other = replace(done, documents=(replace(document, pieces=moved),))
    monkeypatch.setattr("bot.documents.official.store.cut", lambda *_, **__: other)
    assert states(import_document(session, MEASURES, now=LATER)) == {ID: "replaced"}


def test_a_changed_text_follows_and_the_old_one_stays_with_its_dates(session: Session) -> None:
    import_document(session, MEASURES, now=NOW)
    assert states(import_document(session, CHANGED, now=LATER)) == {ID: "replaced"}
    assert current_texts(session)[f"{ID}/2/2"].text == "（二）村里管堤。"
    assert current_texts(session)[f"{ID}/2/2"].valid_from == LATER
    old, new = version_lines(session)
    assert (old["number"], new["number"]) == ("青石政发〔2024〕7号", "青石政发〔2025〕9号")
    assert old["valid_until"] == new["valid_from"]
    assert new["valid_until"] is None
    assert (old["clauses"], new["clauses"]) == (5, 5)
    kept = session.scalars(
        select(tables.OfficialClause.text).where(tables.OfficialClause.text.contains("乡镇管堤"))
    )
    assert kept.all() == ["（二）乡镇管堤。"]


def test_coming_back_to_an_old_text_is_a_new_version(session: Session) -> None:
    for text, now in [(MEASURES, NOW), (CHANGED, LATER), (MEASURES, LATER + timedelta(days=1))]:
        import_document(session, text, now=now)
    assert [line["valid_until"] is None for line in version_lines(session)] == [False, False, True]


def test_a_new_version_under_a_longer_name_of_the_title_is_the_same_document(session: Session) -> None:
    import_document(session, MEASURES, now=NOW)
    revised = CHANGED.replace("管理办法", "管理办法（修订）")
    assert states(import_document(session, revised, now=LATER)) == {ID: "replaced"}


def test_part_of_a_document_is_told(session: Session) -> None:
    import_document(session, MEASURES, now=NOW)
    (told,) = import_document(session, "青石县水库管理办法\n第一条 为了管好水库。", now=LATER).documents
    assert any("没有的有4条" in warning and "合成一个文件" in warning for warning in told.warnings)


@pytest.mark.parametrize("text", ["没有编号的话。", ""])
def test_a_text_that_is_refused_changes_nothing(database_url: str, text: str) -> None:
    with session_scope(database_url) as session:
        import_document(session, MEASURES, now=NOW)
    with pytest.raises(BadInput), session_scope(database_url) as session:
        import_document(session, text, now=LATER)
    with session_scope(database_url) as session:
        assert rows(session)[0] == 1
        assert current_texts(session)[f"{ID}/2/2"].text == "（二）乡镇管堤。"


def test_a_fault_half_way_leaves_the_old_version_current(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with session_scope(database_url) as session:
        import_document(session, MEASURES, now=NOW)

    def fails(*_: Any) -> None:
        raise RuntimeError("the disk is full")

    monkeypatch.setattr("bot.documents.official.store._row", fails)
    with pytest.raises(RuntimeError), session_scope(database_url) as session:
        import_document(session, CHANGED, now=LATER)
    with session_scope(database_url) as session:
        assert [line["valid_until"] for line in version_lines(session)] == [None]


def test_two_current_versions_cannot_be(session: Session) -> None:
    import_document(session, MEASURES, now=NOW)
    session.add(
        tables.OfficialDocument(
            document=ID, title="t", source="s", source_sha256="0", words_sha256="0", left_out=[],
            imported_at=NOW, valid_from=NOW,
        )
    )  # fmt: skip
    with pytest.raises(IntegrityError):
        session.flush()
    session.rollback()


def test_of_two_imports_at_once_the_later_is_told_to_wait(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    import_document(session, MEASURES, now=NOW)
    monkeypatch.setattr("bot.documents.official.store.current_row", lambda *_: None)
    with pytest.raises(BadInput, match="另一个导入"):
        import_document(session, CHANGED, now=LATER)
    session.rollback()


# which document it is

CONTRACT = "{}政府合同管理办法\n第一条 甲。\n第二条 乙。"


def test_another_countys_measures_bear_the_id_of_the_digest_where_nothing_is_there(session: Session) -> None:
    (told,) = import_document(session, CONTRACT.format("祁东县人民"), now=NOW).documents
    assert told.id == "contract"
    assert any("祁东县人民政府合同管理办法" in warning for warning in told.warnings)
    assert any("61条" in warning and "contract/2/1" in warning for warning in told.warnings)
    changed = CONTRACT.format("祁东县人民").replace("乙", "丙")
    assert states(import_document(session, changed, now=LATER)) == {"contract": "replaced"}


def test_the_citys_measures_never_take_the_place_of_the_countys(session: Session) -> None:
    import_document(session, CONTRACT.format("衡南县"), now=NOW)
    other = "heng-yang-shi-zheng-fu-he-tong-guan-li-ban-fa"
    assert states(import_document(session, CONTRACT.format("衡阳市"), now=NOW)) == {other: "added"}
    assert states(import_document(session, CONTRACT.format("衡阳市"), now=NOW)) == {other: "unchanged"}
    assert [document.title for document in current_documents(session)] == [
        "衡南县政府合同管理办法", "衡阳市政府合同管理办法",
    ]  # fmt: skip


def test_the_countys_own_measures_get_their_id_from_another_countys_that_came_first(session: Session) -> None:
    newer = "祁东县政府合同管理办法\n2023年5月6日\n第一条 甲。\n第二条 {}。"
    import_document(session, newer.format("乙"), now=NOW)
    import_document(session, newer.format("丙"), now=NOW)
    other = "qi-dong-xian-zheng-fu-he-tong-guan-li-ban-fa"
    (told,) = import_document(
        session, "衡南县政府合同管理办法\n2021年10月20日\n第一条 丁。", now=LATER
    ).documents
    assert (told.id, told.state) == ("contract", "added")
    assert not any("上一个版本" in warning for warning in told.warnings)
    texts = current_texts(session)
    assert {id: texts[id].text for id in ("contract/1", f"{other}/2")} == {
        "contract/1": "第一条 丁。", f"{other}/2": "第二条 丙。",
    }  # fmt: skip
    assert len(versions(session)) == 3
    assert states(import_document(session, newer.format("丙"), now=LATER)) == {other: "unchanged"}


def test_of_two_in_one_file_the_own_one_bears_the_id(session: Session) -> None:
    both = f"{CONTRACT.format('衡阳市')}\n{CONTRACT.format('衡南县')}"
    report = import_document(session, both, now=NOW)
    assert [document.id for document in report.documents] == [
        "heng-yang-shi-zheng-fu-he-tong-guan-li-ban-fa", "contract",
    ]  # fmt: skip


def test_next_years_report_is_another_document(session: Session) -> None:
    (told,) = import_document(session, "2023年衡南县政府工作报告\n一、甲。\n二、乙。", now=NOW).documents
    assert told.id == "2023-nian-heng-nan-xian-zheng-fu-gong-zuo-bao-gao"


def test_another_number_than_the_digests_is_told(session: Session) -> None:
    text = "衡南县政府合同管理办法（2025年修订）\n清政发[2025]1号\n第一条 甲。"
    (told,) = import_document(session, text, now=NOW).documents
    assert told.id == "contract"
    assert any("清政发[2025]1号" in warning for warning in told.warnings)


def test_a_long_title_gets_a_short_id_that_stays(session: Session) -> None:
    title = "青石县农村饮水安全工程建设运行维护和水源地保护管理工作实施细则"
    (told,) = import_document(session, f"{title}\n第一条 甲。", now=NOW).documents
    assert len(told.id) <= 56
    assert told.id.startswith("qing-shi-xian-nong-cun-yin-shui-")


@pytest.mark.parametrize(
    ("id", "above"),
    [("water/3.2.1/7", ["water/3.2.1", "water/3.2", "water/3"]), ("contract/11/3", ["contract/11"]),
     ("water/2.2/抢险组", ["water/2.2", "water/2"]), ("x/附件1/2", ["x/附件1"]), ("contract/1", [])],
)  # fmt: skip
def test_what_a_clause_is_a_part_of(id: str, above: list[str]) -> None:
    assert list(ancestors(id)) == above


# the listings


def test_a_document_is_shown_piece_by_piece_and_a_clause_whole(session: Session) -> None:
    import_document(session, MEASURES, now=NOW)
    pieces = list(piece_lines(session, ID))
    assert "".join(squeezed(piece["text"]) for piece in pieces) == squeezed(MEASURES)
    assert [piece["clause"] for piece in pieces if piece["id"]] == [
        "第一条", "第二条", "第二条（一）", "第二条（二）", "第二条", "第三条",
    ]  # fmt: skip
    (clause,) = piece_lines(session, f"{ID}/2")
    assert clause["text"] == current_texts(session)[f"{ID}/2"].text


@pytest.mark.parametrize(
    ("id", "said"), [("contract", "documents import"), (f"{ID}/9", "没有“"), ("", "documents import")]
)
def test_what_is_not_there_is_said(session: Session, id: str, said: str) -> None:
    import_document(session, MEASURES, now=NOW)
    with pytest.raises(NotFound, match=said):
        list(piece_lines(session, id))


# the gazette of the county, where it is at hand

needs_gazette = pytest.mark.skipif(not GAZETTE.exists(), reason="the gazette is not on this machine")


@needs_gazette
def test_the_gazette_comes_in_whole(session: Session) -> None:
    report = import_document(session, GAZETTE, now=NOW)
    assert [(d.id, d.first, d.last) for d in report.documents] == [
        ("report", "一", "三（五）"), ("contract", "第一条", "第二十四条"), ("water", "1", "9.2"), ("eldercare", "一", "四（三）"),
    ]  # fmt: skip
    assert [warning for document in report.documents for warning in document.warnings] == []
    texts = current_texts(session)
    assert [id for id in dict.fromkeys(entry.id for entry in digest().entries) if id not in texts] == []
    assert sorted(texts) == sorted({*expected_ids(), *(f"water/{n}" for n in range(1, 10))})


@needs_gazette
def test_the_gazettes_clauses_are_cited_as_in_the_digest(session: Session) -> None:
    import_document(session, GAZETTE, now=NOW)
    texts = current_texts(session)
    assert {e.id: texts[e.id].citation for e in digest().entries} == {
        e.id: e.clause for e in digest().entries
    }


@needs_gazette
def test_no_character_of_the_gazette_is_lost() -> None:
    text = GAZETTE.read_text(encoding="utf8")
    done = cut([text], name=GAZETTE.name)
    (head,) = done.left_out
    assert head.split() == ["衡南政报2021.12", "领导论坛"]
    stored = "".join(squeezed(piece.text) for document in done.documents for piece in document.pieces)
    assert stored == squeezed(text).replace(squeezed(head), "", 1)


@needs_gazette
def test_sentences_of_the_gazette_that_the_page_broke_are_mended(session: Session) -> None:
    import_document(session, GAZETTE, now=NOW)
    texts = current_texts(session)
    assert "按照产业兴旺、生态宜居、乡风文明" in texts["report/2/2"].text  # a running head stood between
    assert "实现互联互通和资源共享" in texts["water/4.1.1"].text
    assert texts["contract/13/3"].own == "（三）合同内容是否合法、完整;"
    assert texts["contract/13"].own.endswith("提交决策机关讨论决定。")
    assert "“以上”均含本数" in texts["water/3.2.4"].own


@needs_gazette
def test_the_gazette_twice_changes_nothing(session: Session) -> None:
    import_document(session, GAZETTE, now=NOW)
    assert set(states(import_document(session, GAZETTE, now=datetime(2027, 1, 1))).values()) == {"unchanged"}
