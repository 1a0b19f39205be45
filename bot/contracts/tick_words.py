"""What a piece of a clerk's message says of the things named in it: done, not done, sent back, planned, a mistake.

Pure functions on the normalised text. What was sent back, is wrong or only half done is never done, whatever 好了
stands beside it.
"""

from __future__ import annotations

import re

DONE, UNDONE, VETOED, MISTAKEN, PLANNED = "done", "undone", "vetoed", "mistaken", "planned"

VERB = r"(?:办|做|弄|搞|准备|整理|写|交|送|拿|收|取|签|盖|谈|查|审|批|报|存|归|备|核对|核实|确认|通过|定|找|开|出|补|打印|起草|磋商)"
RESULT = r"(?:到|好|完|妥|齐|全|过|成|定|有|来|行|出|上|下|去|字|章|案|档|订|了手)"
_DONE = re.compile(
    rf"{VERB}{RESULT}*了+|{RESULT}了+|(?:办|做|弄|搞|准备|写|签|交)(?:好|完|妥|齐)|完成|搞定|到位|齐全|勾上|打[上个]?勾|[√✓✔☑]"
    r"|\bok\b|\b(?:done|finished|completed|ready|got|handed in|signed(?! by)|filed)\b"
)
_NOT_DONE = re.compile(
    rf"(?:还|都|又)?(?:没|未)有?(?:{VERB}|{RESULT}|弄)|还没有?$|不算|\bnot (?:yet )?(?:done|finished|ready)|\bundone\b"
)
_MISTAKE = re.compile(
    r"(?:点|按|弄|记|说|勾|标|搞|选|报|看|写)错|错了|(?:取消|撤回|去掉).{0,3}勾|改回|by mistake|my mistake|\bundo\b"
)
# Sent back, wrong, or only a part of it.
_VETO = re.compile(
    r"退回|退了|打回|驳回|否决|被拒|拒绝|不合(?:格|法|规|要求|适)|不符|不(?:予|能|给)?通过|通不过|(?:没|未)有?(?:通过|过(?!期|来))"
    r"|不[行对全齐]|不完整|(?<!没)有点?问题|出了?(?:点|个)?(?:差|岔)?错|[一大小]半|部分|差不多|大致|大体|大概|几乎"
    rf"|基本上?(?:都|{VERB}|完成)|(?<!不)(?<!没)缺|(?<![出不相误])差(?!旅|额)|(?:要|得|需)再?(?:改|补|重)|不[太大]?好"
    r"|\b(?:rejected|refused|returned|sent back|half|halfway|almost|nearly|partly|incomplete)\b"
)
# Not yet: 明天要送审了, 准备签了.
_PLANNED = re.compile(
    r"(?<![需重主只])要(?!求|的|件|素|点)|准备(?!好|齐|完|妥)|打算|想|明天|后天|下周|马上|快"
)


def bearing(piece: str) -> str | None:
    """What `piece` says of what it names; None where it has no word of it. A doubt comes before 好了."""
    ways = ((VETOED, _VETO), (PLANNED, _PLANNED), (MISTAKEN, _MISTAKE), (UNDONE, _NOT_DONE), (DONE, _DONE))
    return next((how for how, pattern in ways if pattern.search(piece)), None)
