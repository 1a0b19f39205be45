"""Official words beside a digest, of the very version it was made of; documents without a digest; neighbours."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from bot.documents import quoting
from bot.documents.neighbours import beside
from bot.documents.official.store import import_document
from bot.documents.quoting import official, read
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


def test_it_is_read_again_within_a_minute(database_url: str) -> None:
    quoting._seen.clear()
    assert official(NOW).words == {}
    with session_scope() as session:
        import_document(session, MEASURES, now=NOW)
    assert official(NOW + timedelta(seconds=59)).words == {}
    assert "contract/2" in official(NOW + timedelta(seconds=61)).words


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
