"""Who wants to be forgotten, who sends a code, and who only uses such words."""

from __future__ import annotations

import pytest

from bot.dialogue.about_me import (
    asks_for_a_phone,
    asks_how_to_bind,
    binding_code,
    confirms_forgetting,
    wants_forgetting,
)
from bot.nlu.normalise import clean, normalise


def plain(text: str) -> str:
    return normalise(clean(text).text).text


@pytest.mark.parametrize(
    "text",
    [
        "忘记我", "忘了我", "忘了我吧", "请忘记我", "请把我忘了吧", "忘记我。", "删除我的信息", "删除我的数据", "删除我的记录", "删掉我所有的资料",
        "把我的资料删掉", "把我的信息都删了", "请把我的个人信息删除", "请删除我的个人信息，谢谢", "我要删除我的数据", "我想注销", "注销", "注销账号",
        "注销我的帐户", "怎么注销账号", "怎么删除我的信息", "能不能删掉我的资料", "可以把我的信息删掉吗", "别存我的信息",
        "不要保存我的资料", "不要留我的信息", "清除我的聊天记录", "清空我的数据", "刪除我的資料", "忘記我", "麻烦你帮我删除我的信息", "我的资料全部删掉",
        "删掉我的电话号码", "把我的电话删掉", "删除个人信息", "我要求删除我的数据", "我不想你们存我的信息", "“忘记我”", "把我忘掉", "忘记我的信息", "删除我",
        "forget me", "Please forget me.", "delete my data", "delete all my personal information", "Can you delete my account?",
        "erase my records please", "don't store my data", "forget everything about me",
    ],
)  # fmt: skip
def test_wants_to_be_forgotten(text: str) -> None:
    assert wants_forgetting(plain(text))


@pytest.mark.parametrize(
    "text",
    [
        "我忘记了", "忘记了", "我忘了", "忘记带身份证了怎么办", "别忘记我家的水", "别忘了我", "莫忘了我屋里停水", "你们是不是忘了我", "你们把我忘了",
        "把我忘了", "忘了我家的事", "我忘记密码了", "忘记我刚才说的", "忘记我妈的生日", "删除", "删掉", "删掉这条", "删除这个报修", "取消我的报修", "把3删掉",
        "合同里的信息要删除吗", "档案记录可以销毁吗", "删除合同里我的名字", "企业注销要什么材料", "注销营业执照", "怎么注销户口", "我的信息", "我的记录",
        "查我的记录", "存我的电话", "不要忘记我的信息", "忘记我的电话号码是多少了", "保存我的资料", "别删我的记录", "不要删除我的信息", "我的资料交了",
        "don't forget me", "I forgot", "never forget my mother", "delete the report", "forget it", "", "。",
    ],
)  # fmt: skip
def test_only_uses_such_words(text: str) -> None:
    assert not wants_forgetting(plain(text))


@pytest.mark.parametrize(
    "text",
    [
        "删",
        "删吧",
        "删掉",
        "确定",
        "确认删除",
        "那就删了吧",
        "忘记我",
        "delete",
        "yes",
        "对",
        "是的",
        "好的",
        "好，删吧",
        "要得，都删了",
        "确定删掉，谢谢",
        "yes, delete it",
        "可以",
    ],
)
def test_says_yes_to_deleting(text: str) -> None:
    assert confirms_forgetting(plain(text))


@pytest.mark.parametrize(
    "text",
    [
        "不删",
        "别删",
        "先不删",
        "删了会怎么样吗",
        "等一下",
        "三塘镇",
        "",
        "don't delete",
        "no",
        "谢谢，不删了",
        "麻烦不要删",
        "好，那我不删",
        "可以，先不删",
        "好的，不用删",
        "好，不过先别删",
        "留着吧",
        "行，我再想想",
        "好，我要想一下",
        "好 我先问下崽",
        "嗯？",
        "是吗",
        "嗯，什么意思",
        "没问题吧？",
        "删掉什么",
        "删了会怎么样",
        "确定不了",
        "请确认下我报过什么",
        "对，但是我的报修要留着",
        "删了停水的那条就行",
        "忘记我的地址",
        "谢谢",
        "哦",
        "没有别的了",
        "快派人来",
        "好吗",
        "yes but keep my report",
        "ok wait",
    ],
)
def test_says_no_yes(text: str) -> None:
    assert not confirms_forgetting(plain(text))


@pytest.mark.parametrize(
    "text",
    [
        "绑定 K7Q2-M9XP", "绑定K7Q2M9XP", "绑定码 k7q2-m9xp", "绑定码：K7Q2－M9XP", "绑定 ｋ７ｑ２ｍ９ｘｐ", "绑定 K7Q2 M9XP。", "bind K7Q2-M9XP",
        "Bind code k7q2–m9xp", "綁定 K7Q2-M9XP", "请绑定工作人员码K7Q2-M9XP", "绑定，K7Q2—M9XP", "我的绑定码是K7Q2-M9XP", "“绑定 K7Q2-M9XP”",
        "K7Q2-M9XP", "你好，绑定 K7Q2-M9XP", "绑定 K7Q2 - M9XP", "绑定 K 7 Q 2 M 9 X P", "绑定 K7Q2M9XP谢谢",
    ],
)  # fmt: skip
def test_a_code_is_read_however_it_is_typed(text: str) -> None:
    assert binding_code(text) == "K7Q2M9XP"
    assert binding_code(plain(text)) == "K7Q2M9XP"


@pytest.mark.parametrize("text", ["绑定 K7Q2-M9X", "bind K7Q2-M9XPA"])
def test_what_looks_like_a_code_is_taken_for_one(text: str) -> None:
    assert binding_code(plain(text))


@pytest.mark.parametrize(
    "text",
    [
        "绑定", "绑定手机号13912345678", "绑定 13912345678", "怎么绑定", "绑定银行卡", "bind my account", "bind", "绑定微信", "绑定12345678", "2026-1126", "绑定 22222222",
        "我要绑定K7Q2-M9XP和别的", "HN261123-001", "合同绑定条款", "捆绑销售2024", "",
    ],
)  # fmt: skip
def test_no_code(text: str) -> None:
    assert binding_code(plain(text)) is None


@pytest.mark.parametrize("text", ["绑定", "怎么绑定", "我要绑定工作人员", "绑定码", "绑定账号"])
def test_asks_how_to_bind(text: str) -> None:
    assert asks_how_to_bind(plain(text))


@pytest.mark.parametrize("text", ["绑定手机号13912345678", "绑定银行卡", "合同绑定条款", "绑定微信", "捆绑"])
def test_binds_something_else(text: str) -> None:
    assert not asks_how_to_bind(plain(text))


@pytest.mark.parametrize(
    ("text", "asks"),
    [
        ("你们电话多少", True), ("自来水公司电话", True), ("有没有值班电话", True), ("联系方式给我", True), ("打哪个电话", True),
        ("what is your phone number", True), ("电话费怎么交", False), ("你打我电话 13912340001", False), ("我的电话是13912340001", False),
        ("留个电话", False),
    ],
)  # fmt: skip
def test_who_asks_for_a_number_to_call(text: str, asks: bool) -> None:
    assert asks_for_a_phone(plain(text)) is asks
