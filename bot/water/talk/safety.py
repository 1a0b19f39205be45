"""Questions whether the water may be used: never answered with yes."""

from __future__ import annotations

import re

_SAFE = re.compile(
    r"(水|自来水|这水).{0,8}(能不能|可不可以|还能|可以|能|敢不敢|(?<!不)敢).{0,4}(喝|用|吃|煮|洗)"
    r"|(能不能|可不可以|还能|可以|敢不敢|能).{0,4}(喝|用|洗).{0,6}水|水.{0,4}(安全|有没有毒|有毒)"
    r"|(safe|ok|okay).{0,12}(drink|water|use)|can (we|i) (drink|use)"
)

_COST = re.compile(r"要(不要)?(收)?钱|收费|多少钱|要花钱|费用|免费|(is it|for) free|how much|cost")


def asks_for_the_cost(text: str) -> bool:
    """True where normalised `text` asks whether reporting or repairing costs anything."""
    return bool(_COST.search(text)) and len(text) <= 30


_BILL = re.compile(
    r"水费|水价|水表(?!.{0,6}(?:漏|爆|破|冒水))|(?:自来水|用水).{0,4}(?:开户|过户|销户|报装|缴费|交费)|water (?:bill|meter|price)"
)


def is_about_the_bill(text: str) -> bool:
    """True where normalised `text` is about bill, meter or contract of the water, which the company alone deals with."""
    return bool(_BILL.search(text))


_REPORT = re.compile(r"(?:要|想|再|来|帮我?|给我?|请).{0,3}(?:报|登记)|报修|\breport\b")
_BRING = re.compile(
    r"(?:送|拉|运|提|挑).{0,4}水(?![费电单表票管])|(?:水车|消防车).{0,6}(?:来|送|派|有)|派.{0,3}水车|(?:bring|deliver|send).{0,12}water|water (?:truck|tanker)"
)
_WITHDRAW = re.compile(r"取消|撤(销|掉|回)|报错|不用(来|修|派)|不(要|用)(来|修|派)|弄错|cancel|withdraw")


def wants_to_report(text: str) -> bool:
    """True where normalised `text` asks outright for a report to be taken: 我要报停水."""
    return bool(_REPORT.search(text))


def wants_water_brought(text: str) -> bool:
    """True where normalised `text` asks that water be brought: 送点水来要得不."""
    return bool(_BRING.search(text))


def takes_report_back(text: str) -> bool:
    """True where normalised `text` wants a report withdrawn."""
    return bool(_WITHDRAW.search(text))


def asks_whether_water_is_safe(text: str) -> bool:
    """True where normalised `text` asks whether the water may be drunk or used."""
    return bool(_SAFE.search(text)) and bool(re.search(r"吗|不|么|[?？]|没|safe|can", text))
