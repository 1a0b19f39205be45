"""The facts of a water-supply incident: what may be given, and the check of what was given.

The list of facts is data (``data/law/water/facts.yml``). Every fact is optional, and one that
is absent is unknown, which is neither false nor zero nor none.
"""

from __future__ import annotations

import difflib
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import yaml

from bot.errors import BadInput
from bot.settings import ROOT

FACTS_FILE = ROOT / "data" / "law" / "water" / "facts.yml"
KINDS = frozenset({"choice", "choices", "flag", "count", "amount"})


@dataclass(frozen=True)
class Fact:
    """One fact as ``facts.yml`` describes it.

    ``kind`` is choice, choices, flag, count or amount; ``values`` the allowed values of a choice
    with their (Chinese, English) labels, the least first where ``ordered``; ``clauses`` the ids of
    the clauses that ask for it; ``index`` its place in the file.
    """

    name: str
    index: int
    kind: str
    zh: str
    en: str
    clauses: tuple[str, ...]
    values: Mapping[str, tuple[str, str]]
    ordered: bool


@cache
def all_facts() -> Mapping[str, Fact]:
    """Every fact by its name, in the order of the file. Read once."""
    raw = yaml.safe_load(FACTS_FILE.read_text(encoding="utf-8"))["facts"]
    return {name: _fact(name, index, body) for index, (name, body) in enumerate(raw.items())}


def _fact(name: str, index: int, body: Mapping[str, Any]) -> Fact:
    if body["kind"] not in KINDS:
        raise ValueError(f"{FACTS_FILE.name}: {name} has kind {body['kind']!r}, allowed: {sorted(KINDS)}")
    values = {value: (label["zh"], label["en"]) for value, label in body.get("values", {}).items()}
    return Fact(
        name=name,
        index=index,
        kind=body["kind"],
        zh=body["zh"],
        en=body["en"],
        clauses=tuple(body["clauses"]),
        values=values,
        ordered=body.get("ordered", False),
    )


def check_facts(raw: object) -> dict[str, Any]:
    """The facts of ``raw``, checked against ``facts.yml``; what is given stays as it is.

    Only a whole number written with a point (3.0) becomes an int, and a list is copied.
    Checking a checked result again changes nothing.

    :raises BadInput: names every fact that cannot be used, why, and what is allowed.
    """
    if not isinstance(raw, Mapping):
        raise BadInput(
            f"事故情况应是一组“名称: 值”（JSON 对象），现在是{_shown(raw)}。请按 facts.yml 的名称填写。"
        )
    known = all_facts()
    checked: dict[str, Any] = {}
    problems: list[str] = []
    for name, value in raw.items():
        fact = known.get(name) if isinstance(name, str) else None
        if fact is None:
            problems.append(_unknown_name(name, known))
            continue
        try:
            checked[fact.name] = _CHECKS[fact.kind](fact, value)
        except _Unfit as unfit:
            hint = "；不清楚的请不要写这一项" if value is None else ""
            problems.append(f"{fact.name}（{fact.zh}）：{unfit}{hint}")
    if problems:
        raise BadInput("；".join(problems) + "。")
    return checked


class _Unfit(Exception):
    """A value does not fit its fact; the text says why and what is allowed."""


def _unknown_name(name: object, known: Mapping[str, Fact]) -> str:
    near = difflib.get_close_matches(name, known, n=1) if isinstance(name, str) else []
    advice = f"是不是想写 {near[0]}" if near else f"可用的是 {'、'.join(known)}"
    return f"没有 {_shown(name)} 这一项，{advice}"


def _choice(fact: Fact, value: object) -> str:
    if isinstance(value, str) and value in fact.values:
        return value
    raise _Unfit(f"{_shown(value)} 不是可选的值，可选 {'、'.join(fact.values)}")


def _choices(fact: Fact, value: object) -> list[str]:
    allowed = "、".join(fact.values)
    if not isinstance(value, (list, tuple)):
        raise _Unfit(f"{_shown(value)} 不是列表，应为列表，其中可写 {allowed}，没有受损写 []")
    for item in value:
        if not isinstance(item, str) or item not in fact.values:
            raise _Unfit(f"列表里的 {_shown(item)} 不是可选的值，可选 {allowed}")
        if value.count(item) > 1:
            raise _Unfit(f"{item} 写了不止一次，每个值只写一次")
    return list(value)


def _flag(fact: Fact, value: object) -> bool:
    if isinstance(value, bool):
        return value
    raise _Unfit(f"{_shown(value)} 不是 true 或 false，只能写 true 或 false")


def _count(fact: Fact, value: object) -> int:
    number = value
    if isinstance(number, float) and number.is_integer():
        number = int(number)
    if isinstance(number, bool) or not isinstance(number, int) or number < 0:
        raise _Unfit(f"{_shown(value)} 不能用，应为 0 或以上的整数")
    return number


def _amount(fact: Fact, value: object) -> int | float:
    if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
        return value
    if isinstance(value, float) and math.isfinite(value) and value >= 0:
        return value
    raise _Unfit(f"{_shown(value)} 不能用，应为 0 或以上的数")


_CHECKS = {"choice": _choice, "choices": _choices, "flag": _flag, "count": _count, "amount": _amount}


def _shown(value: object) -> str:
    """``value`` as JSON and not too long, for a message; its type where it cannot be written so."""
    try:
        text = json.dumps(value, ensure_ascii=False)
    except (TypeError, ValueError):  # not JSON, or an integer of thousands of digits
        return type(value).__name__
    return text if len(text) <= 60 else text[:57] + "..."
