"""Words that come before any service: somebody wants to die, or a life is in danger."""

from __future__ import annotations

import re

_DYING = re.compile(
    r"(我|俺).{0,6}(想死|不想活|去死算|死了算)|不想活了?|活不下去|活着?没(得|有)?(什么|么子|啥|个)?意思"
    r"|(^|[，,。 ]|我|俺)死了(算了|拉倒|好了)|不如死|(想|要|去)(跳(楼|河|江|井|塘)|上吊)|喝农药.{0,4}(死|算)"
    r"|寻(短见|死)|自杀|轻生|kill myself|want to die|suicide"
)
_WHO = r"(人|崽|孩|娃|孙|爷|奶|爸|妈|爹|娘|老公|老婆|老伴|老人|老头|同事|邻居|他|她|he|she|father|mother|man|woman|child)"
_LIFE = re.compile(
    rf"{_WHO}.{{0,10}}(晕倒|昏倒|晕过去|昏过去|倒下|叫不醒|没反应|出不了气|喘不上气|吐血|胸口(痛|疼)"
    r"|摔.{0,8}起不来|掉.{0,3}(水|井|塘|河|池)|淹|困在|(?<![提走搬挑抬干做拿爬跑拉推拖背扛吃])不动了|没气了|触电|电到|unconscious|fainted|collapsed|drown|not breathing)"
    r"|(井|塘|河|池|水)(里|中).{0,4}(死人|有人|尸)|喝了.{0,6}(84|消毒液|农药|洁厕)|车掉下去|掉下去了"
    rf"|{_WHO}.{{0,6}}(中毒|倒了|快不行)|中毒了|救命|救救(我|命|人)|(闻到|有|股).{{0,4}}煤气味?|(煤气|燃气|天然气|液化气)的?(气?味|臭)|煤气中毒|(人|孩|娃|崽|娘|妈|爸|爷|奶).{{0,6}}(走丢|走失|不见了)"
    r"|(?<!打不)着火|起火|煤气(漏|泄)|(漏|泄)(煤气|燃气)|(电箱|电线|插座|电闸).{0,8}(水|断|掉|冒|火)|冒火花|漏电(?!费)"
    r"|(house|home|kitchen) is on fire|gas leak"
)
# Rules, drills and questions of what would be: nobody is in danger.
_NOT_HERE = re.compile(r"预案|演练|几级|如果|假如|打不着火|保险|培训|怎么预防|饮水机|热水器|家电")


def speaks_of_dying(text: str) -> bool:
    """True where normalised `text` tells of wanting to die."""
    return bool(_DYING.search(text))


_GAS = re.compile(r"煤气|燃气|天然气|液化气|gas leak|smell.{0,6}gas")


_MISSING = re.compile(r"走丢|走失|不见了|找不到.{0,3}人")


def is_missing(text: str) -> bool:
    """True where normalised `text`, which tells of danger, tells of somebody who is gone: the police search, 110."""
    return bool(_MISSING.search(text)) and not re.search(r"水里|井|塘|河|掉|受伤|流血", text)


def smells_gas(text: str) -> bool:
    """True where normalised `text`, which tells of danger, tells of gas in the house: no switch, no flame, out."""
    return bool(_GAS.search(text)) and not re.search(r"中毒|poison", text)


def life_in_danger(text: str) -> bool:
    """True where normalised `text` tells of somebody whose life is in danger now: 120, 110 or 119 first."""
    return bool(_LIFE.search(text)) and not _NOT_HERE.search(text)
