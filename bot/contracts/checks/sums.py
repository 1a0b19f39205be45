"""Products and sums that are plainly laid out: 单价×数量=合价 in a line, and tables with such columns."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from decimal import Decimal

from bot.contracts.check_rules import Check, check_rules
from bot.contracts.draft_text import Draft
from bot.contracts.findings import Finding
from bot.contracts.tables import Row, tables

_N = r"(\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d{1,12}(?:\.\d{1,6})?)(万)?"
_UNIT = r"[^\d×*=,。;]{0,8}"
_PRODUCT = re.compile(
    rf"(?<![\d.×*+-])(?<!\d,){_N}{_UNIT}[×*]{_N}{_UNIT}=[^\d×*=,。;]{{0,4}}{_N}(?=[元万)）,。;|]|$)"
)
_CELL = re.compile(
    r"¥?(\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d{1,12}(?:\.\d{1,6})?)(万?元|[\u4e00-\u9fffa-zA-Z㎡]{0,3})"
)
_CENT = Decimal("0.01")


def check_sums(draft: Draft) -> Iterator[Finding]:
    """Lines and tables whose figures do not come out."""
    check = check_rules()["sum"]
    for sentence in draft.sentences:
        for a, a_unit, b, b_unit, c, c_unit in _PRODUCT.findall(sentence.plain):
            if abs(_value(a, a_unit) * _value(b, b_unit) - _value(c, c_unit)) > _rounding(c, c_unit):
                yield check.finding("violation", sentence)
    for table in tables(draft.sentences):
        yield from _check_table(check, table)


def _value(text: str, unit: str = "") -> Decimal:
    return Decimal(text.replace(",", "")) * (10_000 if unit.startswith("万") else 1)


def _rounding(text: str, unit: str) -> Decimal:
    """Half of the last digit that is given: 12.35万 may stand for anything from 12.345 to 12.355."""
    places = len(text.split(".")[1]) if "." in text else 0
    return (Decimal(10) ** -places) / 2 * (10_000 if unit else 1)


def _check_table(check: Check, rows: Sequence[Row]) -> Iterator[Finding]:
    head = rows[0][1]
    columns = {name: _column(check, name, head) for name in ("price", "quantity", "total")}
    total = columns["total"]
    if total is None or any(check.has("unless", cell) for cell in head):
        return
    scale = 10_000 if "万" in head[total] else 1
    added, complete = Decimal(0), True
    for sentence, cells in rows[1:]:
        if any(check.has("not_added", cell) for cell in cells[:2]):
            continue
        said = _number(cells[total]) if len(cells) == len(head) else None
        if check.has("sum_row", cells[0]) or (len(cells) > 1 and check.has("sum_row", cells[1])):
            last = _number(cells[-1]) if said is None else said
            if complete and last is not None and abs(last - added) > _CENT * len(rows):
                yield check.finding("violation", sentence)
            return
        if said is None:
            complete = False
            continue
        added += said
        if _product_is_off(columns, cells, said, scale, "万" in head[columns["price"] or 0]):
            yield check.finding("violation", sentence)


def _product_is_off(
    columns: dict[str, int | None], cells: list[str], said: Decimal, scale: int, in_wan: bool
) -> bool:
    at_price, at_quantity = columns["price"], columns["quantity"]
    if at_price is None or at_quantity is None:
        return False
    price, quantity = _number(cells[at_price]), _number(cells[at_quantity])
    if price is None or quantity is None:
        return False
    product = price * (10_000 if in_wan else 1) * quantity
    return abs(product - said * scale) > max(_CENT * scale, abs(product) * Decimal("0.0001"))


def _column(check: Check, name: str, head: list[str]) -> int | None:
    """The one column of that name; None where there is none, or more than one."""
    at = [i for i, cell in enumerate(head) if check.has(name, cell)]
    return at[0] if len(at) == 1 else None


def _number(cell: str) -> Decimal | None:
    found = _CELL.fullmatch(cell)
    return _value(found[1], found[2]) if found else None
