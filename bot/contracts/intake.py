"""What a clerk's message says of the contract at hand: party, kind, dates, circumstances.

Offsets of the message's entities hold in its normalised text (`Understood.plain`), on which all
patterns work.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from bot.contracts.circumstances import EMERGENCY, circumstances
from bot.contracts.kinds import classify, same_kind
from bot.contracts.said_dates import (
    ROLE,
    corrected_without_role,
    dates_in,
    dates_taken_back,
    days_said,
    no_such_day,
    not_yet_signed,
    supplement_without_day,
)
from bot.contracts.signing_names import COUNTY, authorised_by, forbidden_name
from bot.dialogue.details import agrees
from bot.dialogue.turn import Say, Step, Understood
from bot.nlu.spans import Span

_COUNTY = re.compile(r"县(人民)?政府|县里(跟|和|与|要|签|出面|名义)|以县|county")
_OWN_UNIT = r"(?:我|咱|本|这)们?(?:个)?(?:局|单位|办|中心|院|所|镇|乡|街道|学校|委|队|站)"
_UNIT = re.compile(
    rf"{_OWN_UNIT}|镇里|乡里|街道|局里|单位|部门|镇政府|乡政府|乡镇|事业单位|\bour\b|\bunit\b|department"
)
_NOT_THAT_PARTY = re.compile(rf"(?:不是|不以|并非|不用)以?(?:(?P<county>{_COUNTY.pattern})|{_UNIT.pattern})")
# Only in an answer to "in whose name?".
_BARE_COUNTY = re.compile(r"(?:用|以|就|是|衡南)*县(?:里|上|级)?(?:的|名义|签|来|吧)*")
_SOME_UNIT = re.compile(
    r"[局镇乡委院所站校队厅馆]|办|中心|我们|咱们|自己|本级|\b(?:us|ours?|we|own|bureau|office|town)"
)
EMERGENCY_QUESTION = "contract_emergency"
_PENDING = "emergency_said"  # in a draft: it was said, and is asked back once the contract is known
# Verbs of an errand, what makes one of them "just do it once" (清一下, 理哈, 打份), and the half of either that the
# tagger at times takes to the kind behind it. 下水, 下属 and 哈密 are words of a kind of their own.
_VERB, _ONCE = "清列理查看对弄搞办拉打开写拟", r"(?:一?下(?![水属级乡])|一?哈(?![密尔])|一?[个份](?!人|体))"
_HALF = re.compile(rf"(?<=[一{_VERB}])(?:下(?![水属级乡])|哈(?![密尔]))|(?<=签)订")
_BARE = re.compile(r"(这|那|个|份|一)*(政府)?(合同|协议)?(送审|审查|签订)?|contract")
_QUESTION = re.compile(
    r"好多|几多|好久|几天|多久|多少|几个|什么|怎么|谁|哪|吗|是不是|要不要|能不能|可不可以|[?？]|\b(how|what|who|when)\b"
)
_OWN = re.compile(r"清单|列|手头|手里|我们(局|镇|单位|这份|这个)|这份|这个合同|要签|准备签|帮我|checklist")
_CHANGED = re.compile(
    r"改成|改为|改签|换成|换为|变成|不是[^,。;]{1,12}[,。; ]?(?:而?是)|应该是|\bchange|instead"
)
_CONTRACT_WORK = re.compile(
    r"合同|协议|送审|审查|法审|备案|归档|材料|[签盖](?!到|证)|\bsign|\breview|\bfil(?:e|ing)\b|contract"
)
_ASKS_LIST = re.compile(
    r"清单|[列弄搞办签做订写](?:一?下|[一个]?[个份]|新)|(?:要|想|准备|打算|怎么)(?:签|订|办)|需要|流程|手续|另|新的|\b(?:list|need|want|new)"
)
_ASKS_DATE = re.compile(
    r"(?=.*(?:哪天|哪日|几号|几时|何时|什么时候|到期|截止|最早|来得及|\bwhen\b|earliest|deadline))"
    r".*(?:签|备|送审|审查|存档|归档|\bfil(?:e|ing)\b|sign)"
)

# What may stand before and behind the kind of contract in an answer.
_LEAD = re.compile(
    rf"(?:{_COUNTY.pattern}|{_OWN_UNIT}|[{_VERB}]{_ONCE}|[我咱]们?|要(?!素)|想|准备|打算|签订?(?![证约])|订立|一?[个份](?!人|体)|[这那][个份]"
    r"|普通的?|的|了|关于|就?是|改成|换成|帮[我忙]?|列(?:一下|个)?|名义|(?:it is|it's|an?|the|our)\b|\s)+"
)
_TRAIL = re.compile(r"(?:吧|的|啊|哦|呢|嘛|咯|了|嗯|[.!？?]|\s)+$")
_PIECE = re.compile(r"[,，。;；!！、\n|]|(?<=[\u4e00-\u9fff])\s+|\s+(?=[\u4e00-\u9fff])")
_NAMED = re.compile(r"[\u4e00-\u9fff\da-z]{2,12}(?:合同|协议)")
_ENGLISH_KIND = re.compile(
    r"\b(?:purchas|procure|leas|rent|propert|servic|construct|suppl|maint|consult|cooperat|contract\b|agreement)"
)
_LIST_FOR = re.compile(
    r"\b(?:check)?list for (?:an? |the |another |our |my )*(?P<kind>[a-z][a-z -]{2,60}?)(?=$|[^a-z -]| (?:signed|submitted|handed|that|which|by)\b)"
)
_NO_KIND = re.compile(
    r"(?:不(?:知道|清楚|晓得|记得)|随便|都(?:可以|行)|没有|好|是|对|嗯+|哦+|行|可以|yes|no|ok|\W|\d)+|.{0,1}"
)


def take(
    draft: Mapping[str, Any] | None, message: Understood, asked: str | None, today: date | None = None,
    expected: str | None = None,
) -> Step:  # fmt: skip
    """Put `message` into the case (keys as `wuchang checklist` takes them); what to ask next.

    `today` tells the month of a bare "18号" where no other date does; `expected` is the date that was asked for. A day
    that does not exist is told and left out, and so is a day to come on which it was signed. That it is an emergency exempts the contract from everything, so that it
    is asked back (`contract_emergency`) before it holds.
    """
    case = dict(draft or {})
    if asked == EMERGENCY_QUESTION:
        case[EMERGENCY] = agrees(message)
        return _next(case, (), asks_emergency=False)
    kind = _kind(message, asked)
    if kind:
        case["contract_type"] = kind
    _put_party(case, message, asked, kind)
    missing, to_come = no_such_day(message, case, today), not_yet_signed(message, case, today)
    _put_dates(case, message, today, expected)
    known, told = bool(case.get(EMERGENCY)), circumstances(message.plain)
    urgent = told.get(EMERGENCY)
    if urgent is False:
        case.pop(_PENDING, None)
    case.update({name: value for name, value in told.items() if not (value and name == EMERGENCY)})
    told_back = (("utter_no_such_day", missing), ("utter_day_to_come", to_come))
    says = tuple(Say(response, {"date": said}) for response, said in told_back if said)
    return _next(case, says, asks_emergency=bool(urgent) and not known)


def _put_party(case: dict[str, Any], message: Understood, asked: str | None, kind: str | None) -> None:
    """Who signs: a unit that the county authorised is a unit; a name that Article 6 forbids stands until another is told."""
    mandate, name = authorised_by(message.plain), forbidden_name(message.plain)
    party = "department" if mandate else _party(message, asked, kind)
    if party:
        case["signing_party"] = party
    if party == COUNTY or (party and not name and asked != "contract_party"):
        case.pop("in_name_of", None)
    if party == COUNTY:
        case.pop("authorised_by", None)
    if mandate:
        case["authorised_by"] = mandate
    if name:
        case["in_name_of"] = name


def _put_dates(case: dict[str, Any], message: Understood, today: date | None, expected: str | None) -> None:
    """Take back and put in what the message says of dates; what is signed is no plan any more, nor on a day to come."""
    dates = dates_in(message, case, today, expected)
    if not_yet_signed(message, case, today):
        dates.pop("signed_on", None)
    for key in dates_taken_back(message, case, today):
        del case[key]
    case.update(dates)
    if "signed_on" in dates:
        case.pop("signing_planned_on", None)


def _next(case: dict[str, Any], says: tuple[Say, ...], *, asks_emergency: bool) -> Step:
    """What is still to be asked of the case."""
    if asks_emergency:
        case[_PENDING] = True
    if "contract_type" not in case:
        return Step(case, says, "contract_kind")
    if "signing_party" not in case:
        return Step(case, says, "contract_party")
    if case.pop(_PENDING, False):
        return Step(case, says, EMERGENCY_QUESTION)
    return Step(case, says, None, done=True)


def asks_about_rules(text: str) -> bool:
    """Whether normalised `text` is a question on the rules rather than about one contract at hand."""
    return bool(_QUESTION.search(text)) and not _OWN.search(text)


def asks_about_filing(message: Understood) -> bool:
    """Whether the filing of the contract is asked about."""
    return bool(re.search(r"备案|报备|存档|\bfil(?:e|ing)\b", message.plain))


def speaks_of_contract(message: Understood) -> bool:
    """Whether the words belong to the work on a contract, so that a date in them may be one of its dates."""
    return bool(_CONTRACT_WORK.search(message.plain))


def names_contract(message: Understood) -> bool:
    """Whether a kind of contract is named; the bare word 合同 is none."""
    return bool(_tagged_kind(message) or english_kind(message.plain))


def asks_for_list(message: Understood) -> bool:
    """Whether a list is asked for, or a contract spoken of that is still to be made."""
    return names_contract(message) or bool(_ASKS_LIST.search(message.plain))


def describes_contract(message: Understood) -> bool:
    """Whether a contract is told of from the beginning, kind and party, rather than changed."""
    return bool(_tagged_kind(message) and _party(message, None) and not _CHANGED.search(message.plain))


def follows_up(
    message: Understood, case: Mapping[str, Any], today: date | None = None, expected: str | None = None
) -> bool:
    """Whether `message` is about the contract whose list was just given: its dates, or a change of it."""
    kind = _tagged_kind(message) or english_kind(message.plain)
    if kind and not same_kind(kind, str(case.get("contract_type"))) and not _CHANGED.search(message.plain):
        return False
    if kind and message.intent == "contract_checklist" and describes_contract(message):
        return False
    return bool(
        dates_in(message, case, today, expected)
        or dates_taken_back(message, case, today)
        or corrected_without_role(message, case, today, expected)
        or (circumstances(message.plain) and _denies_or_tells(message, case))
        or no_such_day(message, case, today)
        or supplement_without_day(message, case)
        or (_CHANGED.search(message.plain) and (_kind(message, None) or _party(message, None)))
        or _NOT_THAT_PARTY.search(message.plain)
        or _ASKS_DATE.search(message.plain)
    )


def _denies_or_tells(message: Understood, case: Mapping[str, Any]) -> bool:
    """Whether a circumstance of the case is told otherwise than it is known (不是应急), or within words on a contract."""
    told = circumstances(message.plain)
    denied = any(value is False and case.get(name) for name, value in told.items())
    return denied or (any(told.values()) and speaks_of_contract(message))


# the kind


def _kind(message: Understood, asked: str | None) -> str | None:
    return _tagged_kind(message) or english_kind(message.plain) or next(_kinds_said(message, asked), None)


def _tagged_kind(message: Understood) -> str | None:
    """The last kind of contract that the tagger found; a unit or the bare word 合同 is none."""
    found = (_stripped(_without_half_word(message, span)) for span in message.all("contract_type"))
    kinds = [kind for kind in found if not _says_nothing(kind) and not _party_only(kind)]
    return kinds[-1][:30] if kinds else None


def _without_half_word(message: Understood, span: Span) -> str:
    """The tagger at times takes the 下 of 列一下 or the 订 of 签订 to the kind behind it."""
    return span.value[1:] if _HALF.match(message.plain, span.start) else span.value


def _kinds_said(message: Understood, asked: str | None) -> Iterator[str]:
    """Kinds by their words: of an answer any words that are no party, date or question; else …合同."""
    changed = _CHANGED.search(message.plain)
    start = changed.end() if changed else 0
    blank = list(message.text)
    for day in days_said(message, {}, None, every=True):
        blank[day.start : day.end] = "|" * (day.end - day.start)
    for piece in _PIECE.split("".join(blank)[start:]):
        text = _stripped(piece)
        low = text.lower()
        if _says_nothing(low) or _party_only(low) or _QUESTION.search(low):
            continue
        named, sure = _NAMED.search(low), classify(text).sure or bool(_ENGLISH_KIND.search(low))
        odd = message.intent == "out_of_scope" or ROLE.match(low)
        if asked == "contract_kind" and (named or sure or not odd):
            yield text[:30]
        elif sure and (named or changed):
            yield text[named.start() : named.end()] if named else text[:30]


def english_kind(text: str) -> str | None:
    """The kind that an English sentence asks a list for: lease of state property."""
    found = _LIST_FOR.search(text)
    return found["kind"].strip()[:30] if found and _ENGLISH_KIND.search(found["kind"]) else None


def _stripped(text: str) -> str:
    lead = _LEAD.match(text)
    return _TRAIL.sub("", text[lead.end() if lead else 0 :])


def _says_nothing(text: str) -> bool:
    return bool(_BARE.fullmatch(text) or _NO_KIND.fullmatch(text))


def _party_only(text: str) -> bool:
    return bool(_COUNTY.fullmatch(text) or _UNIT.fullmatch(text) or _LEAD.fullmatch(text))


# the party


def _party(message: Understood, asked: str | None, kind: str | None = None) -> str | None:
    """Who signs; a unit within the words of the `kind` (部门预算编制) is none."""
    plain, at = message.plain, message.text.find(kind) if kind else -1
    if kind and at >= 0:
        plain = plain[:at] + "|" + plain[at + len(kind) :]
    denied, text = _NOT_THAT_PARTY.search(plain), _NOT_THAT_PARTY.sub("", plain)
    county, unit = _COUNTY.search(text), _UNIT.search(text)
    if county and not (unit and unit.start() < county.start()):
        return "county"
    if unit:
        return "department"
    if denied:
        return "department" if denied["county"] else "county"
    if asked != "contract_party":
        return None
    return "county" if _BARE_COUNTY.fullmatch(text) else "department" if _SOME_UNIT.search(text) else None
