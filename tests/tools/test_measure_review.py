"""The measuring of reviews counts what it says it counts."""

from __future__ import annotations

from pathlib import Path

import pytest

from tools.measure_review import main, measure

DRAFT = """购销合同
甲方：某某局
乙方：某某公司
价款¥1500（肆仟伍佰元整）。
交货期____日。
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "a.txt").write_text(DRAFT, encoding="utf8")
    return tmp_path


def test_found_missed_and_false_are_told_apart(folder: Path) -> None:
    planted = [
        {"check": "amount", "quote": "¥1500"},
        {"check": "repealed"},
        {"clause": "contract/11/8", "status": "missing"},
    ]
    got = measure(
        folder, {"file": "a.txt", "planted": planted, "may": [{"check": "blank"}, {"check": "term"}]}
    )
    assert got.missed == ({"check": "repealed"},)
    assert [finding.check for finding in got.false_alarms] == ["signing"]


def test_a_folder_with_lines_of_json_is_measured_and_printed(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    line = '{"file": "a.txt", "planted": [{"check": "amount"}, {"check": "sum"}]}\n'
    (folder / "gold.jsonl").write_text(line, encoding="utf8")
    main([str(folder)])
    said = capsys.readouterr().out
    assert "| 1 | 0 | 2 | 1 (50%) |" in said
    assert "a.txt: not found: {'check': 'sum'}" in said
