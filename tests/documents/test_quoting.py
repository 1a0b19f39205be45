"""Official words beside a digest, of the very version it was made of; documents without a digest; neighbours."""

from __future__ import annotations

import pytest
from sqlalchemy.orm import Session

from bot.documents import quoting
from bot.documents.digest import digest
from bot.documents.neighbours import beside
from bot.documents.official.store import OfficialClause, import_document
from bot.documents.quoting import excerpt, official, read
from bot.errors import BadInput
from bot.storage.database import session_scope
from tests.conftest import NOW

MEASURES = """衡南县政府合同管理办法
清政发〔2021〕3号

第一条 为了试着引用原文，写下这一条。
第二条 第二条只有一句话。
"""
PARKING = """衡南县机动车停放管理办法

第一条 为了管好停车，制定本办法。
第二条 路边停车位每小时收费三元，夜间免费。
第三条 残疾人专用车位不得占用。
"""


def test_the_words_of_the_version_that_the_digest_was_made_of_are_quoted(session: Session) -> None:
    import_document(session, MEASURES, now=NOW)
    assert "为了试着引用原文" in read(session).words["contract/1"].text
    assert read(session).own == ()


@pytest.mark.parametrize("change", [("〔2021〕3号", "〔2024〕9号"), ("2021", "2022")])
def test_another_version_is_not_quoted(session: Session, change: tuple[str, str]) -> None:
    import_document(session, MEASURES.replace(*change), now=NOW)
    assert "contract/1" not in read(session).words


def test_a_document_without_digest_is_found_by_its_own_words(session: Session) -> None:
    import_document(session, PARKING, now=NOW)
    found = read(session)
    nearest = found.nearest("路边停车一小时收多少钱")
    assert nearest is not None
    assert "每小时收费三元" in nearest.answer
    assert nearest.citation == "《衡南县机动车停放管理办法》第二条"
    assert found.nearest("停水了怎么报修") is None
    assert found.words == {}


def test_an_import_is_seen_at_once(database_url: str) -> None:
    quoting._seen.clear()
    assert official().words == {}
    with session_scope() as session:
        import_document(session, MEASURES, now=NOW)
    assert "contract/2" in official().words
    assert official() is official()  # nothing is built anew while nothing changes


def test_another_countys_measures_are_not_quoted_as_ours(session: Session) -> None:
    import_document(session, MEASURES.replace("衡南县", "祁东县"), now=NOW)
    found = read(session)
    assert found.words == {}
    assert found.newer == {}
    assert found.own


def test_a_text_without_number_and_day_is_nobodys(session: Session) -> None:
    import_document(session, MEASURES.replace("清政发〔2021〕3号\n", ""), now=NOW)
    assert read(session).words == {}


NEWER = """衡南县人民政府关于印发《衡南县政府合同管理办法》的通知
清政发〔2024〕9号

衡南县政府合同管理办法

第一条 新的一条。
第二条 新的第二条说到签字。

衡南县人民政府
2024年5月1日
"""


def test_a_newer_version_is_told_and_can_be_found(session: Session) -> None:
    import_document(session, NEWER, now=NOW)
    found = read(session)
    assert found.newer["contract"].number == "清政发〔2024〕9号"
    assert found.words == {}
    assert "contract/2" in {entry.id for entry in found.own}


def test_an_older_version_does_not_replace_a_newer_one_unasked(session: Session) -> None:
    import_document(session, NEWER, now=NOW)
    old = NEWER.replace("2024年5月1日", "2021年10月20日").replace("〔2024〕9号", "〔2021〕3号")
    with pytest.raises(BadInput, match="--older"):
        import_document(session, old, now=NOW)
    (report,) = import_document(session, old, now=NOW, older=True).documents
    assert report.state == "replaced"


def test_a_part_of_a_long_section_is_quoted_by_its_own_sentences() -> None:
    text = "一、回顾" + "这是别的事情。" * 200 + "粮食作物产量稳定在65万吨以上。" + "还有别的。" * 100
    clause = OfficialClause("report/1", "报告", "一", "一", (), text, text, NOW)
    entry = next(e for e in digest().entries if e.key == "report/1 | 粮食")
    quoted = excerpt(clause, entry, 300)
    assert "粮食作物产量稳定在65万吨以上" in quoted
    assert len(quoted) <= 304


@pytest.mark.parametrize(
    ("clause", "neighbours"),
    [
        ("contract/14", ["contract/13", "contract/15"]),
        ("contract/1", ["contract/2"]),
        ("contract/6/2", ["contract/6/1", "contract/6/3"]),
        ("water/4.2.2", ["water/4.2.1", "water/4.2.3"]),
        ("contract/99", []),
    ],
)
def test_the_clauses_beside_one(clause: str, neighbours: list[str]) -> None:
    assert [entry.id for entry in beside(clause)] == neighbours
