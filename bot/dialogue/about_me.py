"""Two wishes that are about the person, not about a matter: to be forgotten, and to be known as staff. Pure functions."""

from __future__ import annotations

import re

from bot.nlu.normalise import plain_characters

_WHAT = r"的?(?:个人|所有|全部|一切|聊天|登记|注册|身份)?的?(?:信息|数据|资料|记录|内容|隐私|电话(?:号码)?|手机号?码?|号码|姓名|名字|照片|账号|账户|帐号|帐户|东西|档案)"
_DELETE = r"(?:删除|删掉|删去|删了|删|清除|清空|清掉|抹掉|抹去|销毁|注销)"
_BEFORE = (
    r"(?:你好|您好|喂|请问|请|麻烦(?:你|您)?|那就?|就|现在|我?要求|我(?:要|想)(?:要|请你|请您)?|我(?=不想)|(?:能不能|能|可不可以|可以)(?:请)?(?:你|您)?|怎么|怎样|如何"
    r"|何式|哪里|帮我|给我|替我|你们?|您|[，, ])*"
)
_AFTER = r"(?:一下|掉|了|哒|吧|好吗|可以吗|行吗|好不好|吗|么|啊|呀|哦|谢谢|[，,。.！!？? ])*"
_FORGET = re.compile(
    # 你们忘了我 is a reproach of somebody who waits, so nobody stands before it, and no 了 behind.
    r"(?:请|麻烦(?:你|您)?|那就?|我(?:要|想)(?:你|您)|[，, ])*(?:忘记|忘了|忘掉)(?:我|掉我)(?:吧|好吗|行吗|谢谢|[，,。.！!？? ])*"
    r"|(?:请|麻烦(?:你|您)?)把我(?:忘记|忘了|忘掉)(?:吧|[，,。.！!])*"
    r"|把我(?:给我)?忘掉(?:吧|[，,。.！!])*"
    rf"|{_BEFORE}(?:{_DELETE}|忘记|忘掉)(?:所有|全部)?(?:关于)?(?:我|我们|本人)?{_WHAT}{_AFTER}"
    rf"|{_BEFORE}{_DELETE}(?:我|本人){_AFTER}"
    rf"|{_BEFORE}(?:把|将)?(?:我|我们|本人)的?{_WHAT}(?:都|全|全部|通通|一起)?(?:给我)?{_DELETE}{_AFTER}"
    rf"|{_BEFORE}注销(?:我的?)?(?:账号|账户|帐号|帐户|登记|身份)?{_AFTER}"
    rf"|{_BEFORE}(?:别|不要|不准|不许|莫|不想(?:你|您|你们)?)(?:再)?(?:存|保存|保留|留|留着|留存|记|记录|收集|记住|存着)(?:我|我们)的?(?:{_WHAT})?{_AFTER}"
    r"|(?:please |can you |could you |i want you to |pls |now )*"
    r"(?:forget (?:me|about me|everything (?:about|on) me)"
    r"|(?:delete|erase|remove|wipe)(?: all)?(?: of)? (?:me|my (?:personal )?(?:data|info|information|details|records?|account|history|messages))"
    r"|(?:don'?t|do not|stop) (?:store|storing|keep|keeping|save|saving) my (?:personal )?(?:data|info|information|details))"
    r"(?: now| please|[,.!? ])*"
)
# 删掉记录 says nothing about whose: it may be one report. With 我 it is all of mine.
_WHOSE = re.compile(r"我|本人|个人|注销|\bme\b|\bmy\b")
# Deleting cannot be taken back: only a whole message that is nothing but a yes counts, never half of one.
_YES = r"(?:对|是|好|要|行|可以|要得|确定|确认|同意|yes|yeah|yep|sure|ok|okay)(?:的|了|吧|啊|呀|哒)?"
_DO = (
    rf"(?:那就|那|就|请|帮我|给我|全部|全|都|要)*(?:{_DELETE}|忘记|忘了|忘掉)(?:我|它|都|掉|全部)*(?:吧|了|啊|哒)?"
    r"|(?:please )?(?:delete|forget|erase|remove)(?: it| me| all| everything| my data)*"
)
_CONFIRMS = re.compile(
    rf"(?:{_YES}[，,。.！! ]*)*(?:(?:{_YES})|(?:{_DO}))[，,。.！! ]*(?:谢谢|please)?[，,。.！! ]*"
)
_CODE = r"[0-9a-z](?:[ -]{0,3}[0-9a-z]){6,9}"
_BIND = re.compile(
    r"(?:你好|您好|请|我要|我来|我的|帮我|麻烦|[，, ])*"
    r"(?:绑定(?:工作人员)?(?:验证)?码?|(?:工作人员)?绑定码|bind(?: code| me| staff)*)(?:是|为|[:,，。 ])*"
    rf"(?P<code>{_CODE})(?:谢谢|[，,。.!！ ])*"
)
# As the code is printed, sent with nothing about it.
_BARE = re.compile(r"(?P<code>[2-9a-z]{4}-[2-9a-z]{4})")
_HOW = re.compile(
    r"(?:请问|怎么|怎样|如何|我要|我想|要|帮我)*绑定(?:码|工作人员|账号|帐号)?(?:吗|[？?。.！! ])*|how (?:do i|to) bind\W*"
)
_DASHES = re.compile(r"[-‐-―−]")


def wants_forgetting(text: str) -> bool:
    """True where normalised `text` as a whole asks that the person's data be deleted.

    >>> wants_forgetting("忘记我"), wants_forgetting("我忘记带身份证了"), wants_forgetting("你们忘了我")
    (True, False, False)
    """
    bare = text.strip(" “”\"'‘’「」")
    return bool(_FORGET.fullmatch(bare) and _WHOSE.search(bare))


def confirms_forgetting(text: str) -> bool:
    """True where normalised `text` as a whole says yes to the question whether to delete (删吧, 确定, 对).

    >>> confirms_forgetting("好，删吧"), confirms_forgetting("好，先不删"), confirms_forgetting("快派人来")
    (True, False, False)
    """
    return bool(_CONFIRMS.fullmatch(text.strip()) or wants_forgetting(text))


def binding_code(text: str) -> str | None:
    """The code in a message that binds an account to a member of staff, as capitals and digits alone; else None.

    Full width, lower case, a space or any dash in it make no difference. What only looks like a code comes back too:
    whether it is one is not told by its form.

    >>> binding_code("绑定 k7q2-m9xp"), binding_code("绑定手机号13912345678")
    ('K7Q2M9XP', None)
    """
    bare = _DASHES.sub("-", plain_characters(text)).strip(" “”\"'‘’「」")
    found = _BIND.fullmatch(bare) or _BARE.fullmatch(bare)
    if not found or not re.search(r"\d", found["code"]) or not re.search(r"[a-z]", found["code"]):
        return None  # a number alone is that of a meter or a telephone
    return re.sub(r"[ -]", "", found["code"]).upper()


def asks_how_to_bind(text: str) -> bool:
    """True where normalised `text` wants to bind an account and brings no code."""
    return bool(_HOW.fullmatch(text.strip()))


_SHORT = 20
_WHAT_AM_I = re.compile(
    r"你(?:们)?(?:到底)?是(?:不是)?(?:真的?人|真人|活人|人(?:还是|吗|么|不)|机器|电脑|程序|ai|哪个|谁|什么(?:人|东西)?$)|(?:真人|活人|机器人?)(?:吗|么|吧|在吗)"
    r"|are you (?:a |an )?(?:real|human|robot|bot|machine|ai)|(?:who|what) are you"
)


_PHONE_ASKED = re.compile(
    r"(?:你们?|您|这里|办公室|值班|公司|水厂|水务|供水|维修|抢修|客服|人工|热线|服务)的?.{0,4}(?:电话|号码|热线)(?!费|是?不)"
    r"|(?:电话|热线|联系方式)(?:号码)?(?:是)?(?:多少|好多|几|什么|给我)|打(?:哪个|什么|么子)电话|(?:your|phone|hotline) number|number to call"
)


def asks_for_a_phone(text: str) -> bool:
    """True where normalised `text` asks for a number to call: 你们电话多少."""
    return bool(_PHONE_ASKED.search(text)) and not re.search(r"\d{7}", text)


def asks_what_i_am(text: str) -> bool:
    """True where normalised `text` asks whether a person or a machine answers: 你是人还是机器."""
    return bool(_WHAT_AM_I.search(text)) and len(text) <= _SHORT
