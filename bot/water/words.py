"""The words that staff read of clocks and grades, from ``data/desk/clocks.yml``."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from functools import cache
from typing import Any

import yaml

from bot.settings import ROOT

WORDS_FILE = ROOT / "data" / "desk" / "clocks.yml"
NOTICES_FILE = ROOT / "data" / "desk" / "notices.yml"


@cache
def words() -> Mapping[str, Any]:
    """The whole file, read once."""
    loaded: dict[str, Any] = yaml.safe_load(WORDS_FILE.read_text(encoding="utf-8"))
    return loaded


@cache
def notice_words() -> Mapping[str, Any]:
    """What a public notice says beside the texts of the domain, by language."""
    loaded: dict[str, Any] = yaml.safe_load(NOTICES_FILE.read_text(encoding="utf-8"))
    return loaded


def grade_words(grade: str | None) -> str:
    """A grade as staff read it: Ⅱ级（重大)."""
    if grade is None:
        return str(words()["no_grade"])
    return f"{words()['grades'][grade]}（{words()['grade_names'][grade]}）"


def short_grade(grade: str | None) -> str:
    """A grade in short: Ⅱ级."""
    return str(words()["no_grade"] if grade is None else words()["grades"][grade])


def span(length: timedelta) -> str:
    """A length of time in days, hours and minutes: 6小时20分钟; seconds are left off."""
    form = words()["span"]
    minutes = int(abs(length) / timedelta(minutes=1))
    parts = {"days": minutes // 1440, "hours": minutes // 60 % 24, "minutes": minutes % 60}
    return "".join(form[name].format(n=n) for name, n in parts.items() if n) or str(form["none"])
