"""The page in a real Chromium, against the channel with a fake assistant."""

from __future__ import annotations

from typing import Any

import pytest
from rasa.core.channels.channel import UserMessage

from tests.browser import DESKTOP, PHONE, needs_chromium

from .conftest import Chat
from .visitor import Visitor, talk_of_everything, visit

SIZES = pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["phone", "desktop"])
INJECTION = '<img src=x onerror="document.title=1"> <b>停水</b>'

pytestmark = needs_chromium


@SIZES
async def test_a_conversation_with_a_button_survives_a_reload(
    browser: Any, chat: Chat, size: dict[str, int]
) -> None:
    visitor = await visit(browser, chat, size)
    page = visitor.page
    await visitor.picture(f"{size['width']}-1-start")
    await visitor.say("停水了")
    await visitor.sees("三塘镇老街")
    await visitor.picture(f"{size['width']}-2-question")
    await page.get_by_role("button", name="对，就是这样").click()
    await visitor.sees("已经报上去了")
    assert await page.get_by_role("button", name="不对").count() == 0
    await visitor.picture(f"{size['width']}-3-done")
    await page.reload()
    await visitor.sees("已经报上去了")
    assert await page.locator(".yours").all_inner_texts() == ["您说：\n停水了", "您说：\n对，就是这样"]
    assert [message.text for message in chat.agent.asked] == ["停水了", '/affirm{"x": 1}']
    assert len({message.sender_id for message in chat.agent.asked}) == 1
    assert await visitor.fits()
    assert visitor.complaints == []


async def test_who_is_forgotten_sees_nothing_of_before(browser: Any, chat: Chat) -> None:
    visitor = await visit(browser, chat)
    page = visitor.page
    await visitor.say("停水了")
    await visitor.sees("三塘镇老街")
    await visitor.say("删掉")
    await visitor.sees("都删掉了")
    assert await page.locator(".yours").all_inner_texts() == ["您说：\n删掉"]
    assert await page.get_by_text("三塘镇老街").count() == 0
    await page.reload()
    await page.get_by_role("button", name="报停水").wait_for()
    assert await page.locator(".yours").count() == 0
    assert visitor.complaints == []


@SIZES
@pytest.mark.parametrize("language", ["中文", "English"])
async def test_nothing_scrolls_sideways_with_letters_twice_as_large(
    browser: Any, chat: Chat, size: dict[str, int], language: str
) -> None:
    visitor = await visit(browser, chat, size)
    await visitor.say("停水了")
    await visitor.sees("三塘镇老街")
    if language == "English":
        await visitor.page.get_by_role("button", name="English").click()
    await visitor.page.evaluate("document.documentElement.style.fontSize = '200%'")
    await visitor.page.locator("summary").click()
    assert await visitor.fits()
    composer = await visitor.page.evaluate("getComputedStyle(document.getElementById('composer')).position")
    assert composer == ("static" if size == PHONE else "sticky")
    await visitor.picture(f"{size['width']}-large-{language}")
    assert visitor.complaints == []


@SIZES
async def test_letters_and_things_to_press_are_large_enough(
    browser: Any, chat: Chat, size: dict[str, int]
) -> None:
    visitor = await visit(browser, chat, size)
    await talk_of_everything(visitor)
    await visitor.page.locator("summary").click()
    small = await visitor.page.evaluate("""() => {
      const seen = (element) => element.getClientRects().length && !element.closest(".hidden, .skip");
      const letters = [...document.body.querySelectorAll("*")].filter(
        (element) => seen(element) && parseFloat(getComputedStyle(element).fontSize) < 20);
      const press = [...document.querySelectorAll("button, textarea, summary, a")].filter((element) => {
        const { width, height } = element.getBoundingClientRect();
        return seen(element) && (width < 48 || height < 48);
      });
      return [...letters, ...press].map((element) => element.outerHTML.slice(0, 80));
    }""")
    assert small == []


async def test_the_beginning_of_a_long_answer_is_in_sight(browser: Any, chat: Chat) -> None:
    visitor = await visit(browser, chat)
    await visitor.say("很长的话。" * 60)
    await visitor.sees("收到：")
    top = await visitor.page.evaluate("document.querySelector('.answer').getBoundingClientRect().top")
    assert 0 <= top <= 40
    box = await visitor.page.get_by_role("button", name="发送", exact=True).bounding_box()
    assert box is not None
    assert box["y"] + box["height"] <= PHONE["height"]


async def test_an_answer_is_in_sight_where_ones_own_words_fill_the_window(browser: Any, chat: Chat) -> None:
    visitor = await visit(browser, chat)
    page = visitor.page
    await page.evaluate("document.documentElement.style.fontSize = '200%'")
    await visitor.say(
        "三塘镇老街从昨天晚上八点起就停水了，整条街一百多户人家都没有水，老人做饭都做不成，请快派人来看一看"
    )
    await visitor.sees("收到：三塘镇老街")
    top = await page.evaluate("document.querySelector('.answer').getBoundingClientRect().top")
    assert 0 <= top < PHONE["height"] / 2
    await visitor.picture("360-large-letters-answer")
    await page.evaluate("document.documentElement.style.fontSize = ''")
    await visitor.say("养老点")
    await visitor.sees("约 800 米")
    assert await page.evaluate("document.querySelector('.turn:last-child').getBoundingClientRect().top") >= 0


async def test_a_yes_of_another_window_does_not_answer_a_newer_question(browser: Any, chat: Chat) -> None:
    """In one the outage is read back, in the other one 忘记我 was said: 对 there must not delete everything."""
    visitor = await visit(browser, chat)

    async def ask(message: UserMessage) -> None:
        title = "删掉" if message.text == "忘记我" else "对"
        buttons = [{"title": title, "payload": "/affirm"}]
        await message.output_channel.send_response(message.sender_id, {"text": "行吗？", "buttons": buttons})

    chat.agent.answer = ask
    await visitor.say("停水了")
    await visitor.sees("行吗？")
    other = Visitor(await visitor.page.context.new_page())
    await other.page.goto(chat.url)
    await other.say("忘记我")
    await other.page.get_by_role("button", name="删掉").wait_for()
    await visitor.page.get_by_role("button", name="对", exact=True).click()
    await visitor.sees("这个按钮过期了")
    assert [message.text for message in chat.agent.asked] == ["停水了", "忘记我"]
    await other.page.get_by_role("button", name="删掉").click()
    await other.page.locator(".answer").nth(2).wait_for()
    assert chat.agent.asked[-1].text == "/affirm"


async def test_text_is_never_markup(browser: Any, chat: Chat) -> None:
    visitor = await visit(browser, chat)
    await visitor.say(INJECTION)
    await visitor.sees("收到：")
    assert await visitor.page.locator("#log img, #log b").count() == 0
    assert f"收到：{INJECTION}" in await visitor.page.locator(".answer").inner_text()
    assert await visitor.page.title() == "屋场助手"


async def test_only_web_addresses_become_links(browser: Any, chat: Chat) -> None:
    visitor = await visit(browser, chat)
    await visitor.say("养老点")
    await visitor.sees("约 800 米")
    links = visitor.page.locator(".answer a")
    assert await links.all_inner_texts() == ["打开地图", "打开网页（example.org）"]
    href = "https://uri.amap.com/marker?position=112.370000,26.968000&name=%E5%85%BB%E8%80%81"
    assert await links.first.get_attribute("href") == href
    assert await links.last.get_attribute("href") == "https://example.org/a?b=1"
    assert await links.first.get_attribute("rel") == "noopener noreferrer"
    assert "javascript:alert(1)" in await visitor.page.locator(".answer").inner_text()
    await visitor.picture("360-links")


async def test_only_the_keyboard_is_needed(browser: Any, chat: Chat) -> None:
    visitor = await visit(browser, chat)
    page = visitor.page
    await page.keyboard.press("Tab")
    assert await page.evaluate("document.activeElement.className") == "skip"
    await page.keyboard.press("Enter")
    await page.keyboard.type("第一行")
    await page.keyboard.press("Shift+Enter")
    await page.keyboard.type("第二行")
    assert chat.agent.asked == []
    await page.keyboard.press("Enter")
    await visitor.sees("收到：第一行")
    assert chat.agent.asked[0].text == "第一行\n第二行"
    assert await page.evaluate("document.activeElement.id") == "words"
    await page.get_by_role("button", name="English").focus()
    await page.keyboard.press("Space")
    await page.get_by_role("button", name="Send", exact=True).wait_for()
    assert await page.evaluate("document.documentElement.lang") == "en"
    await page.reload()
    await page.get_by_role("button", name="Send", exact=True).wait_for()
    assert await page.title() == "Wuchang Assistant 屋场助手"


async def test_starter_buttons_send_plain_words_in_the_pages_language(browser: Any, chat: Chat) -> None:
    visitor = await visit(browser, chat)
    await visitor.page.get_by_role("button", name="报停水").click()
    await visitor.sees("收到：我要报停水")
    await visitor.page.get_by_role("button", name="English").click()
    await visitor.page.locator("summary").click()
    await visitor.page.get_by_role("button", name="Check my report").click()
    await visitor.sees("收到：Check my report")
    assert [message.text for message in chat.agent.asked] == ["我要报停水", "Check my report"]


async def test_the_page_shows_that_it_waits_and_takes_no_second_message(browser: Any, chat: Chat) -> None:
    visitor = await visit(browser, chat)
    await visitor.say("慢")
    await visitor.sees("正在想…")
    await visitor.say("再来")
    await visitor.sees("好了")
    assert [message.text for message in chat.agent.asked] == ["慢"]
    assert await visitor.page.get_by_label("在这里打字").input_value() == "再来"
    assert await visitor.page.locator("#status").inner_text() == ""


async def test_a_failure_is_told_kindly_and_can_be_tried_again(browser: Any, chat: Chat) -> None:
    visitor = await visit(browser, chat)
    await visitor.say("坏")
    await visitor.sees("助手这会儿太忙")
    await visitor.picture("360-busy")
    chat.agent.answer = None
    await visitor.page.get_by_role("button", name="再试一次").click()
    await visitor.sees("收到：坏")
    assert await visitor.page.locator(".yours").count() == 1


async def test_a_lost_connection_is_told_and_can_be_tried_again(browser: Any, chat: Chat) -> None:
    visitor = await visit(browser, chat)
    await visitor.page.context.set_offline(True)
    await visitor.sees("网络断了")
    await visitor.say("停水了")
    await visitor.sees("没有收到回答")
    await visitor.page.context.set_offline(False)
    await visitor.page.get_by_role("button", name="再试一次").click()
    await visitor.sees("三塘镇老街")
    assert len(chat.agent.asked) == 1


async def test_what_arrived_and_whose_answer_got_lost_counts_once(browser: Any, chat: Chat) -> None:
    visitor = await visit(browser, chat)
    lost: list[int] = []

    async def lose_the_answer(route: Any) -> None:
        lost.append((await route.fetch()).status)
        await route.abort("connectionreset")

    await visitor.page.route("**/message?*", lose_the_answer, times=1)
    await visitor.say("停水了")
    await visitor.sees("没有收到回答")
    await visitor.page.get_by_role("button", name="再试一次").click()
    await visitor.sees("三塘镇老街")
    assert (lost, [message.text for message in chat.agent.asked]) == ([200], ["停水了"])
    await visitor.page.get_by_role("button", name="对，就是这样").click()
    await visitor.sees("已经报上去了")
    await visitor.page.reload()
    await visitor.sees("已经报上去了")
    assert await visitor.page.locator(".yours").count() == 2


async def test_a_long_text_is_told_to_be_cut(browser: Any, chat: Chat) -> None:
    visitor = await visit(browser, chat)
    await visitor.say("水" * 1001)
    await visitor.sees("只收下了前面 1000 个字")
    assert await visitor.fits()


async def test_a_place_is_sent_where_it_is_allowed(browser: Any, chat: Chat) -> None:
    here = {"latitude": 26.968, "longitude": 112.37}
    visitor = await visit(browser, chat, geolocation=here, permissions=["geolocation"])
    await visitor.page.get_by_role("button", name="发送我的位置").click()
    await visitor.sees("收到：[位置] 26.968000,112.370000")
    await visitor.sees("我的位置（26.968000,112.370000）")
    metadata = chat.agent.asked[0].metadata
    assert metadata == {"location": {"lat": 26.968, "lon": 112.37, "datum": "wgs84"}}


async def test_a_refused_place_is_explained(browser: Any, chat: Chat) -> None:
    visitor = await visit(browser, chat)
    await visitor.page.get_by_role("button", name="发送我的位置").click()
    await visitor.sees("请直接打字说地名")
    assert chat.agent.asked == []


SPEECH = """
  window.spoken = [];
  speechSynthesis.speak = (utterance) => window.spoken.push([utterance.text, utterance.lang]);
  speechSynthesis.cancel = () => window.spoken.push("stop");
  null;
"""


async def test_an_answer_is_read_aloud_and_stopped(browser: Any, chat: Chat) -> None:
    visitor = await visit(browser, chat)
    await visitor.page.evaluate(SPEECH)
    await visitor.say("停水了")
    await visitor.page.get_by_role("button", name="读给我听").click()
    await visitor.page.get_by_role("button", name="停下不读").click()
    assert await visitor.page.get_by_role("button", name="读给我听").count() == 1
    spoken = await visitor.page.evaluate("window.spoken")
    assert spoken[0] == ["我记下的是：", "zh-CN"]
    assert spoken[-2:] == [["对不对？", "zh-CN"], "stop"]


async def test_without_a_voice_there_is_no_button_for_it(browser: Any, chat: Chat) -> None:
    context = await browser.new_context(viewport=PHONE)
    await context.add_init_script("delete window.speechSynthesis; delete Window.prototype.speechSynthesis;")
    visitor = Visitor(await context.new_page())
    await visitor.page.goto(chat.url)
    await visitor.say("好")
    await visitor.sees("收到：好")
    assert await visitor.page.get_by_role("button", name="读给我听").count() == 0


async def choose(visitor: Visitor, name: str, content: bytes) -> None:
    async with visitor.page.expect_file_chooser() as chosen:
        await visitor.page.get_by_role("button", name="发合同文件").press("Enter")
    await (await chosen.value).set_files({"name": name, "mimeType": "text/plain", "buffer": content})


@SIZES
async def test_a_contract_file_is_sent_by_keyboard_and_answered(
    browser: Any, chat: Chat, size: dict[str, int]
) -> None:
    visitor = await visit(browser, chat, size)
    await choose(visitor, "采购合同.txt", "采购合同".encode())
    await visitor.sees("我的文件：采购合同.txt")
    await visitor.sees("收到：/review_draft")
    await visitor.picture(f"{size['width']}-7-file")
    assert chat.agent.asked[0].metadata["draft"]["name"] == "采购合同.txt"
    assert await visitor.fits()
    await visitor.page.reload()
    await visitor.sees("我的文件：采购合同.txt")
    assert visitor.complaints == []


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("合同.doc", b"x", "另存为 .docx"),
        ("合同.txt", b"", "空文件"),
        ("照片.docx", b"\x89PNG\r\n", "其实是一张图片"),
    ],
)
async def test_a_file_that_cannot_be_read_is_explained(
    browser: Any, chat: Chat, name: str, content: bytes, says: str
) -> None:
    visitor = await visit(browser, chat)
    await choose(visitor, name, content)
    await visitor.sees(says)
    assert chat.agent.asked == []
    assert await visitor.page.get_by_role("button", name="再试一次").count() == 0


async def test_a_contract_that_is_too_large_is_explained(browser: Any, chat: Chat) -> None:
    visitor = await visit(browser, chat)
    await choose(visitor, "合同.txt", b"x" * (20 * 2**20 + 1))
    await visitor.sees("超过 20 MB")
    assert chat.agent.asked == []


async def test_an_answer_that_was_not_there_at_a_reload_shows_by_itself(browser: Any, chat: Chat) -> None:
    visitor = await visit(browser, chat)
    await visitor.say("慢")
    await visitor.sees("正在想…")
    await visitor.page.reload()
    await visitor.page.locator(".yours").wait_for()
    await visitor.sees("好了")
    assert await visitor.page.locator("#log .answer").count() == 1
    assert len(chat.agent.asked) == 1
    await visitor.say("停水了")
    await visitor.sees("三塘镇老街")
    assert visitor.complaints == []


async def test_a_question_without_an_answer_is_told_after_a_reload(browser: Any, chat: Chat) -> None:
    visitor = await visit(browser, chat)
    chat.waits(5.0)  # the page is loaded once more meanwhile
    await visitor.say("没完")
    await visitor.sees("正在想…")
    await visitor.page.reload()
    await visitor.sees("这句话没有得到回答")
    assert await visitor.page.locator("#send").get_attribute("aria-disabled") == "false"


@pytest.mark.parametrize(("status", "body", "says"), [
    (408, '{"error": "too_slow", "message": "网络太慢，文件没有收全。"}', "网络太慢，文件没有收全。"),
    (429, '{"error": "too_many", "message": "您的上一份文件还在看。"}', "您的上一份文件还在看。"),
    (429, "<html>from a proxy</html>", "文件没有发到"),
])  # fmt: skip
async def test_a_file_that_did_not_arrive_is_explained_and_can_be_sent_again(
    browser: Any, chat: Chat, status: int, body: str, says: str
) -> None:
    visitor = await visit(browser, chat)
    await visitor.page.route("**/upload?*", lambda route: route.fulfill(status=status, body=body), times=1)
    await choose(visitor, "合同.txt", "采购合同".encode())
    await visitor.sees(says)
    await visitor.page.get_by_role("button", name="再试一次").click()
    await visitor.sees("收到：/review_draft")
    assert await visitor.page.locator(".trouble").count() == 0


async def test_a_reminder_shows_by_itself_and_survives_a_reload(browser: Any, chat: Chat) -> None:
    due = [("提醒：最早2026-12-07可以签。",)]
    chat.has_due(lambda _sender: due.pop() if due else ())
    visitor = await visit(browser, chat)
    await visitor.sees("提醒：最早2026-12-07可以签。")
    assert await visitor.page.locator(".yours").count() == 0
    await visitor.page.reload()
    await visitor.sees("提醒：最早2026-12-07可以签。")
    assert await visitor.page.locator("#log .answer").count() == 1
    assert visitor.complaints == []


async def test_with_large_letters_too_a_reminder_is_in_sight_unless_one_reads_further_up(
    browser: Any, chat: Chat
) -> None:
    due: list[tuple[str]] = []
    chat.has_due(lambda _sender: due.pop() if due else ())
    visitor = await visit(browser, chat)
    page = visitor.page

    async def comes(text: str) -> bool:
        due.append((text,))
        await page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
        await visitor.sees(text)
        last = await page.evaluate("document.querySelector('.turn:last-child').getBoundingClientRect().top")
        return bool(0 <= last < PHONE["height"])

    await page.evaluate("document.documentElement.style.fontSize = '200%'")
    await visitor.say("停水了")
    await visitor.sees("三塘镇老街")
    await page.evaluate("window.scrollTo(0, 0)")
    assert not await comes("提醒：明天备案")
    await visitor.say("三塘镇老街从昨天晚上八点起就停水了，整条街一百多户人家都没有水，老人做饭都做不成")
    await visitor.sees("收到：三塘镇老街")
    assert await comes("提醒：后天备案")


async def test_a_file_is_a_link_like_a_button(browser: Any, chat: Chat) -> None:
    async def send_file(message: UserMessage) -> None:
        await message.output_channel.send_response(
            message.sender_id, {"text": "做好了", "attachment": "file?token=abc"}
        )

    visitor = await visit(browser, chat)
    chat.agent.answer = send_file
    await visitor.say("发我一份")
    link = visitor.page.get_by_role("link", name="下载文件")
    await link.wait_for()
    assert await link.get_attribute("href") == f"{chat.url}file?token=abc"
    box = await link.bounding_box()
    assert box is not None
    assert box["height"] >= 48
    assert visitor.complaints == []
