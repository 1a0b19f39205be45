"""The list as a document that people and programs can read."""

from __future__ import annotations

import io
from dataclasses import replace
from typing import Any

import docx
import pytest

from bot.answering import cite
from bot.contracts.dossier import Dossier
from bot.contracts.export import file_name, to_docx, to_markdown
from tests.conftest import NOW
from tests.contracts.test_reminders import dossier

FACTS = {
    "contract_type": "采购合同", "signing_party": "county", "submitted_on": "2026-11-16", "signed_on": "2026-11-20",
}  # fmt: skip


@pytest.fixture
def case() -> Dossier:
    return dossier(FACTS, ("material-2",))


def read(content: bytes) -> Any:
    return docx.Document(io.BytesIO(content))


def test_markdown_has_a_box_for_each_thing_and_its_clause(case: Dossier) -> None:
    text = to_markdown(case, cite=cite, now=NOW)
    lines = text.splitlines()
    assert lines[0] == "# 采购合同清单"
    assert "- 编号：HT261123-001" in lines
    assert "- 审查：县司法局" in lines
    assert "- 最早可以签：2026-11-25" in lines
    assert "- 备案截止：2026-12-20" in lines
    assert sum(line.startswith("- [x] ") for line in lines) == 1
    assert sum(line.startswith("- [ ] ") for line in lines) == len(case.to_do) - 1
    assert any(line.startswith("- [x] 7. **起草说明**：") and "（第十二条（二））" in line for line in lines)
    assert any("**报送存档和备案**" in line and line.endswith(" 最晚2026-12-20") for line in lines)
    assert any(line.startswith("> 注意：") and "第十四条" in line for line in lines)
    assert [line for line in lines if line.startswith("## ")] == [f"## {stage}" for stage in case.stages]


def test_word_has_the_same(case: Dossier) -> None:
    paper = read(to_docx(case, cite=cite, now=NOW))
    said = [paragraph.text for paragraph in paper.paragraphs]
    assert said[0] == "采购合同清单"
    assert {"编号：HT261123-001", "审查：县司法局", "备案截止：2026-12-20"} <= set(said)
    rows = [[cell.text for cell in row.cells] for row in paper.tables[0].rows]
    assert rows[0] == ["序号", "办好", "要办的事", "依据", "期限"]
    assert [row[0] for row in rows if row[0] and row[0] == row[-1]] == list(case.stages)
    by_number = {row[0]: row for row in rows if row[0].isdigit()}
    assert len(by_number) == len(case.to_do)
    assert by_number["7"][1] == "☑"
    assert by_number["6"][1] == "☐"
    assert by_number["18"][4] == "最晚2026-12-20"


def test_chinese_letters_have_an_official_font(case: Dossier) -> None:
    paper = read(to_docx(case, cite=cite, now=NOW))
    fonts = {
        run.font.name for cell in paper.tables[0].rows[2].cells for p in cell.paragraphs for run in p.runs
    }
    assert fonts == {"仿宋"}
    assert paper.paragraphs[0].runs[0].font.name == "黑体"


def test_an_emergency_contract_says_that_the_measures_do_not_apply() -> None:
    case = dossier({"contract_type": "抢险", "signing_party": "county", "emergency": True})
    assert "- 审查：不适用政府合同管理办法" in to_markdown(case, cite=cite, now=NOW).splitlines()
    assert read(to_docx(case, cite=cite, now=NOW)).tables


@pytest.mark.parametrize(("signed", "warned"), [("2021-10-19", True), ("2021-10-20", False)])
def test_a_contract_older_than_the_measures_is_warned_of_at_the_head(signed: str, warned: bool) -> None:
    old = dossier({"contract_type": "采购合同", "signing_party": "county", "signed_on": signed})
    words = f"注意：这份清单可能管不到这份合同：它{signed}签，办法2021-10-20发布才实施"
    text = to_markdown(old, cite=cite, now=NOW)
    said = [paragraph.text for paragraph in read(to_docx(old, cite=cite, now=NOW)).paragraphs]
    assert (
        any(line.startswith(f"> {words}") and "（第二十四条）" in line for line in text.splitlines())
        is warned
    )
    assert any(line.startswith(words) and "（第二十四条）" in line for line in said) is warned


@pytest.mark.parametrize("kind", ["采\x00购\x0b合同", "a\nb", "../../etc/passwd", 'x"y', "《<b>&》"])
def test_odd_letters_break_neither_the_document_nor_its_name(case: Dossier, kind: str) -> None:
    odd = replace(case, contract_type=kind)
    assert read(to_docx(odd, cite=cite, now=NOW)).paragraphs[0].text
    assert to_markdown(odd, cite=cite, now=NOW).splitlines()[2].startswith("- 编号")
    name = file_name(odd, "docx")
    assert name.startswith("HT261123-001-")
    assert name.endswith("-清单.docx")
    assert not set('/\\"\n\x00') & set(name)
    assert ".." not in name
