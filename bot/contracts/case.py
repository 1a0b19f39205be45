"""What is known of one contract at hand, read strictly from a mapping (a batch line or slots)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from bot.contracts.rules import Rules, rules
from bot.errors import BadInput

FIRST_YEAR, LAST_YEAR = 2000, 2100  # a date outside is a slip
PARTIES = ("county", "department")
_DATES = (
    "submitted_on",
    "signed_on",
    "signing_planned_on",
    "supplement_requested_on",
    "supplement_received_on",
    "expert_requested_on",
    "expert_received_on",
)
_FLAGS = (
    "emergency",
    "major_decision",
    "needs_higher_approval",
    "npc_report",
    "complex",
    "expert_assessment",
    "model_text_available",
    "after_dispute",
)


@dataclass(frozen=True)
class Case:
    """The facts of a contract; ``None`` is "not known" everywhere.

    ``signing_planned_on`` is a day on which it is to be signed; it is reckoned with as long as ``signed_on`` is not known.
    ``signing_party`` is ``county`` (县政府) or ``department`` (工作部门、派出机构、事业单位、乡镇（街道）).
    """

    signing_party: str | None = None
    contract_type: str | None = None
    submitted_on: dt.date | None = None
    signed_on: dt.date | None = None
    signing_planned_on: dt.date | None = None
    stage: str | None = None
    emergency: bool | None = None
    authorised_by: str | None = None
    in_name_of: str | None = None
    major_decision: bool | None = None
    needs_higher_approval: bool | None = None
    npc_report: bool | None = None
    complex: bool | None = None
    expert_assessment: bool | None = None
    expert_requested_on: dt.date | None = None
    expert_received_on: dt.date | None = None
    model_text_available: bool | None = None
    after_dispute: bool | None = None
    supplement_requested_on: dt.date | None = None
    supplement_received_on: dt.date | None = None


def read_case(raw: Mapping[str, Any], *, whole: bool) -> Case:
    """Check ``raw`` and give the case. ``whole`` demands signing_party and contract_type.

    Raises :class:`BadInput` for a key that is not known, a value of the wrong kind,
    a date that does not exist, and dates that contradict each other.
    """
    law = rules()
    known = [field.name for field in fields(Case)]
    unknown = [str(key) for key in raw if key not in known]
    if unknown:
        raise BadInput(
            f"不认识的项目：{'、'.join(unknown)}。写错的项目会被漏算，请改名或去掉；能用的是：{'、'.join(known)}。"
        )
    case = Case(**{key: _value(law, key, value) for key, value in raw.items()})
    if whole:
        _require(
            law,
            case,
            "signing_party",
            "写 county（县政府）或 department（部门、派出机构、事业单位、乡镇街道）",
        )
        _require(law, case, "contract_type", "用一句话写合同是做什么的，如“物业管理”")
    _check_order(law, case)
    return case


def _require(law: Rules, case: Case, key: str, how: str) -> None:
    if getattr(case, key) is None:
        raise BadInput(f"缺少{law.label(key)}（{key}）：没有它就列不出该办的事。请补上，{how}。")


def _value(law: Rules, key: str, value: Any) -> Any:
    if value is None:
        return None
    if key in _DATES:
        return _date(law, key, value)
    if key in _FLAGS:
        if not isinstance(value, bool):
            raise BadInput(
                f"{law.label(key)}（{key}）写成了“{value}”：只能是 true 或 false。不知道就不要写这一项。"
            )
        return value
    if not isinstance(value, str):
        raise BadInput(f"{law.label(key)}（{key}）写成了“{value}”：要用文字。请加上引号写成文字。")
    text = value.strip()
    if key == "signing_party" and text not in PARTIES:
        raise BadInput(
            f"{law.label(key)}（{key}）写成了“{value}”：只分两种。"
            "县政府写 county；县政府工作部门、派出机构、事业单位、乡镇（街道）写 department。"
        )
    return text or None


def _date(law: Rules, key: str, value: Any) -> dt.date:
    if isinstance(value, dt.date) and not isinstance(value, dt.datetime):
        return value
    if isinstance(value, str) and len(value.strip()) == len("2026-03-02"):
        try:
            found = dt.date.fromisoformat(value.strip())
        except ValueError:
            found = None
        if found and FIRST_YEAR <= found.year <= LAST_YEAR:
            return found
    raise BadInput(
        f"{law.label(key)}（{key}）写成了“{value}”：没有这一天，或者写法不对。请核对，写成 2026-03-02 的样子。"
    )


def _check_order(law: Rules, case: Case) -> None:
    """Dates that cannot both be right are an error; signing before submission can happen and is a warning."""
    for what in ("supplement", "expert"):
        asked, got = getattr(case, f"{what}_requested_on"), getattr(case, f"{what}_received_on")
        _before(law, f"{what}_requested_on", asked, f"{what}_received_on", got)
        _before(law, "submitted_on", case.submitted_on, f"{what}_requested_on", asked)
        _before(law, "submitted_on", case.submitted_on, f"{what}_received_on", got)
    if case.expert_assessment is False and (case.expert_requested_on or case.expert_received_on):
        raise BadInput(
            "说没有委托专家评估（expert_assessment 是 false），却写了评估的日期：两样对不上。请改掉一样。"
        )


def _before(law: Rules, first: str, day: dt.date | None, then: str, later: dt.date | None) -> None:
    if day is not None and later is not None and later < day:
        raise BadInput(
            f"{law.label(then)}（{then}，{later}）早于{law.label(first)}（{first}，{day}）：先后对不上。请核对这两个日期。"
        )
