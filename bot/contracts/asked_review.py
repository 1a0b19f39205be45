"""Whether somebody asks to have a draft contract looked over, in words alone."""

from __future__ import annotations

import re

_PAPER = r"(?:合同|协议|意向书)(?:书)?(?:的)?(?:草稿|草案|文本|初稿|稿子|底稿|稿|文件)?"
# Work, homes and loans of the person's own are no contracts of the government.
_PRIVATE = re.compile(r"劳动|工作合同|劳务|购房|买房|卖房|租房|婚|保险|贷款|装修我|我家")
_CAN = r"(?:你|您)?(?:能不能|能|可不可以|可以|请|麻烦|劳驾)?(?:你|您)?(?:(?:帮忙?|替|给)(?:我|我们|咱们?)?)?"
_LOOK = (
    r"(?:看看?|看一看|看一?下|审(?:查|核|阅|审)?(?:一?下)?|检查(?:一下)?|查(?:查|一?下)?|把把关|过一遍|挑挑?毛病)"
    r"(?:一下|一遍|一眼)?"
)
_WHOSE = r"(?:我|我们)?(?:这|那|手上|手里)?(?:里)?(?:的)?(?:一)?(?:份|个|只|下)?[\u4e00-\u9fff]{0,8}?"
_FAULT = (
    r"(?:有没有|有无|有冇得?|有什么|有啥|有么子|哪里有|哪里|写得)?"
    r"(?:什么)?(?:问题|毛病|漏洞|错误|错|风险|坑|不对|要改|好不好|行不行|对不对)?(?:的地方)?"
)
_END = r"(?:吗|吧|嘛|么|没|呢|好吗|行吗|可以吗|要得不)?[。！!?？]*$"
_WANTED = r"(?=.*[帮替给请烦能看这份把])"  # 合同审查 alone is a matter, not a wish
_ASKS = re.compile(
    rf"^{_WANTED}(?:你好|您好|请问)?[,， ]?{_CAN}{_LOOK}{_WHOSE}{_PAPER}{_FAULT}{_END}"
    rf"|^{_WANTED}(?:我)?(?:这|那)?(?:里)?(?:有)?(?:一)?(?:份|个)?{_PAPER}[,， ]?{_CAN}{_LOOK}{_FAULT}{_END}"
    r"|(?:怎么|在哪里?|哪里|如何|何式).{0,4}(?:发|传|上传|提交|递)(?:给你|给您)?.{0,4}(?:合同|协议)(?:文件|稿|草稿)"
    r"|^(?:please )?(?:can you |could you )?(?:check|review|look (?:at|over|through)) "
    r"(?:my|our|this|the) (?:draft )?(?:contract|agreement)(?: draft)?[.?!]*$"
)


def asks_for_review(text: str) -> bool:
    """True where normalised `text` asks to look a draft over, and nothing else about it.

    >>> asks_for_review("帮我看看这份合同"), asks_for_review("帮我看看这个合同要不要送司法局")
    (True, False)
    """
    return bool(_ASKS.search(text)) and not _PRIVATE.search(text)
