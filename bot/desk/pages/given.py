"""What comes with a request: the incident's number, times and figures of a form."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from starlette.requests import Request

from bot.errors import BadInput
from bot.water.plan.facts import Fact, all_facts


def number_of(request: Request) -> str:
    """The incident's number in the address."""
    return str(request.path_params["number"])[:32].upper()


def path_of(number: str, part: str = "") -> str:
    """The address of an incident's page, at one of its parts."""
    return f"/incidents/{number}" + (f"#{part}" if part else "")


def moment_of(fields: Mapping[str, str], name: str, label: str) -> datetime | None:
    """A field of type datetime-local; None where it is empty.

    Raises:
        BadInput: it is no time.
    """
    text = fields.get(name, "")
    if not text:
        return None
    try:
        given = datetime.fromisoformat(text)
    except ValueError:
        given = None  # type: ignore[assignment]
    if given is None or given.tzinfo is not None or not 2000 < given.year < 2100:
        raise BadInput(f"“{label}”看不懂：{text[:30]}。请写成 2026-11-26 08:30 这样。")
    return given.replace(microsecond=0)


def fact_of(name: str, values: list[str]) -> object:
    """What a form's fields say of a fact; None: take back what staff set.

    Raises:
        BadInput: there is no such fact, or the text is no figure.
    """
    fact = all_facts().get(name)
    if fact is None:
        raise BadInput("没有这一项情况，请刷新页面再试。")
    if fact.kind == "choices":
        return (
            None if not values or values == [""] else [value for value in values if value and value != "none"]
        )
    text = values[-1].strip() if values else ""
    if not text:
        return None
    if fact.kind == "flag":
        return {"yes": True, "no": False}.get(text, text)
    return _figure(fact, text) if fact.kind in ("count", "amount") else text


def _figure(fact: Fact, text: str) -> int | float:
    plain = text.translate(str.maketrans("０１２３４５６７８９．，", "0123456789.,")).replace(",", "")
    try:
        number = float(plain)
    except ValueError:
        raise BadInput(f"“{fact.zh}”要填数字，现在是“{text[:20]}”。") from None
    if number != number or abs(number) > 1e9:
        raise BadInput(f"“{fact.zh}”的数字不对：{text[:20]}。")
    return int(number) if number.is_integer() else number
