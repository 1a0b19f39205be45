"""The review in a process of its own: the same answer, and an end to what has none."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import pytest

from bot import apart
from bot.contracts.apart import review_apart
from bot.contracts.review import review
from bot.errors import BadInput

DRAFT = Path(__file__).parent / "drafts" / "whole" / "road-works.txt"


def test_the_answer_is_that_of_the_command_with_the_name_that_people_know() -> None:
    answer = review_apart(DRAFT, "修路合同.txt")
    assert answer["path"] == "修路合同.txt"
    assert answer["findings"] == review(DRAFT).as_dict()["findings"]


def test_what_cannot_be_reviewed_says_why(tmp_path: Path) -> None:
    path = tmp_path / "a1b2.txt"
    path.write_text("今天天气很好。")
    with pytest.raises(BadInput, match="“天气.txt”不像合同"):
        review_apart(path, "天气.txt")


def test_what_takes_too_long_is_ended() -> None:
    with pytest.raises(BadInput, match="没有读完"):
        review_apart(DRAFT, "慢.txt", seconds=0.01)


def test_a_process_that_falls_is_told_in_words(monkeypatch: pytest.MonkeyPatch) -> None:
    def fall(*_arguments: Any, **_options: Any) -> subprocess.CompletedProcess[bytes]:
        return subprocess.CompletedProcess([], -9, b"", b"")

    monkeypatch.setattr(apart.subprocess, "run", fall)
    with pytest.raises(BadInput, match="打不开"):
        review_apart(DRAFT, "坏.txt")
