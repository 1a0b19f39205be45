"""The pieces of text (`utter_word_*`) that actions and channels put together, read from domain.yml."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from bot.settings import ROOT

DOMAIN = ROOT / "domain.yml"
# What neither XML nor PostgreSQL can hold, and what would break a line.
_CONTROL = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff\ufffe\uffff]+")
_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@lru_cache(maxsize=1)
def responses(path: Path = DOMAIN) -> Mapping[str, list[dict[str, Any]]]:
    """The responses of the domain by name."""
    loaded: Mapping[str, list[dict[str, Any]]] = yaml.load(path.read_text(encoding="utf8"), Loader=_Loader)[
        "responses"
    ]
    return loaded


def word(name: str, language: str, /, **values: Any) -> str:
    """The text of response `utter_word_<name>` in `language`, with its places filled."""
    return response(f"utter_word_{name}", language, **values)


def response(name: str, language: str, /, **values: Any) -> str:
    """The text of response `name` in `language`, with its places filled."""
    variants = responses()[name]
    english = next((row for row in variants if "condition" in row), variants[0])
    chosen = english if language == "en" else variants[0]
    return str(chosen["text"]).format(**values)


def one_line(text: str) -> str:
    """`text` without line breaks and what neither a document nor the database can hold: each run of it is a space."""
    return _CONTROL.sub(" ", text)
