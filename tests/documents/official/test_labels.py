"""How the beginning of a line can be read."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from bot.documents.official.labels import labels_of, ordinal
from tests.timing import seconds

CASES = yaml.safe_load((Path(__file__).parent / "labels.yml").read_text(encoding="utf8"))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_a_line_is_read(case: dict[str, Any]) -> None:
    read = [[label.kind.name, list(label.numbers), label.printed] for label in labels_of(case["line"])]
    assert read == case["reads"]


@pytest.mark.parametrize(
    "line", ["第十三条规定的材料", "第五条、第六条的事", "第二条第一款", "（三）项所列", "（二）、（三）两项"]
)
def test_a_reference_is_not_firm(line: str) -> None:
    assert not any(label.firm for label in labels_of(line))


@pytest.mark.parametrize(
    ("said", "value"),
    [("一", 1), ("十", 10), ("十二", 12), ("二十", 20), ("二十四", 24), ("一百", 100), ("一百零五", 105),
     ("一百一十", 110), ("一千二百六十", 1260), ("二〇", 20), ("14", 14), ("", None), ("几", None)],
)  # fmt: skip
def test_numerals(said: str, value: int | None) -> None:
    assert ordinal(said) == value


@given(st.text())
def test_any_line_is_read_without_a_fault(line: str) -> None:
    list(labels_of(line))


@pytest.mark.parametrize(
    "line", ["第" + " " * 100_000, "第" + "一 " * 100_000, "1." * 100_000, "（" * 100_000, "1 . " * 100_000]
)
def test_a_hostile_line_costs_no_time(line: str) -> None:
    assert seconds(lambda: list(labels_of(line))) < 0.5
