"""The services of the eldercare plan, 三（一）（四）（五）: codes, names, clauses, people's words."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import opencc
import yaml

from bot.errors import BadInput
from bot.settings import ROOT

SERVICES_FILE = ROOT / "data" / "law" / "eldercare" / "services.yml"
SEPARATORS = re.compile(r"[;；、,，|/\s]+")


@dataclass(frozen=True)
class Service:
    """A service.

    Attributes:
        code: what is stored (`meals`).
        clause: id of the clause that speaks of it (`eldercare/3/4`).
        zh, en: names said to people.
        also: other names for the same, as official papers and signs have them.
        named: False where the plan does not name it (it is then a personalised service of 三（四）).
        words: how people ask for it, on folded text.
    """

    code: str
    clause: str
    zh: str
    en: str
    also: tuple[str, ...]
    named: bool
    words: re.Pattern[str]


@lru_cache(maxsize=1)
def all_services() -> Mapping[str, Service]:
    """Every service by its code, in the order of the file."""
    data = yaml.safe_load(SERVICES_FILE.read_text(encoding="utf8"))
    return {code: _service(code, body) for code, body in data["services"].items()}


def _service(code: str, body: Mapping[str, Any]) -> Service:
    return Service(
        code=code,
        clause=body["clause"],
        zh=body["zh"],
        en=body["en"],
        also=tuple(body.get("also", ())),
        named=body.get("named", True),
        words=re.compile("|".join(f"(?:{word})" for word in body["words"])),
    )


def find_services(text: str) -> tuple[str, ...]:
    """Codes of the services that `text` speaks of, in the order it does; () where there is none.

    Takes a message as it was typed, or normalised. Whether the service is wanted or refused is not looked at.
    """
    folded = _fold(text)
    starts: list[tuple[int, int, str]] = []
    for rank, service in enumerate(all_services().values()):
        found = service.words.search(folded)
        if found:
            starts.append((found.start(), rank, service.code))
    return tuple(code for _start, _rank, code in sorted(starts))


def service_spans(text: str) -> Iterator[tuple[int, int, str]]:
    """(start, end, code) of every word for a service in normalised `text`."""
    for code, service in all_services().items():
        yield from ((*match.span(), code) for match in service.words.finditer(text))


@lru_cache(maxsize=1)
def _simplifier() -> opencc.OpenCC:
    return opencc.OpenCC("t2s")


def _fold(text: str) -> str:
    return str(_simplifier().convert(unicodedata.normalize("NFKC", text).lower()))


def service_name(code: str, language: str = "zh") -> str:
    """The name of a service in `language` ("zh" or "en"; any other gives Chinese).

    Raises:
        BadInput: no such code.
    """
    service = all_services().get(code)
    if service is None:
        raise BadInput(f"没有服务 {code!r}。可用的是：{known_services()}。")
    return service.en if language == "en" else service.zh


def known_services() -> str:
    """Every service as `助餐（meals）`, for messages of errors."""
    return "、".join(f"{service.zh}（{code}）" for code, service in all_services().items())


@lru_cache(maxsize=1)
def _exact() -> dict[str, str]:
    return {
        name.lower(): code
        for code, service in all_services().items()
        for name in (code, service.zh, service.en, *service.also)
    }


def service_codes(words: Iterable[str]) -> tuple[str, ...]:
    """Codes for `words`, each a code, a name or an everyday word for a service; no code twice.

    Raises:
        BadInput: a word that is no service; it says which are known.
    """
    codes: dict[str, None] = {}
    for word in words:
        name = word.strip().lower()
        exact = _exact().get(name)
        found = (exact,) if exact else find_services(word)
        if not found:
            raise BadInput(f"不认识服务 {word!r}。可用的是：{known_services()}。")
        codes.update(dict.fromkeys(found))
    return tuple(codes)


def split_services(cell: str) -> tuple[str, ...]:
    """The parts of a list written as text: `助餐、日间照料`, `meals;day_care`."""
    return tuple(part for part in SEPARATORS.split(cell) if part)
