"""The page for people who see, hear or move less well: axe-core in a real Chromium, and what axe cannot tell."""

from __future__ import annotations

from typing import Any

import pytest
from axe_playwright_python.async_playwright import Axe

from tests.browser import DESKTOP, PHONE, needs_chromium

from .conftest import Chat
from .visitor import Visitor, talk_of_everything, visit

TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
# Beyond AA: every text at 7:1 (WCAG 1.4.6).
RULES = {"color-contrast-enhanced": {"enabled": True}, "target-size": {"enabled": True}}
VIEWS: dict[str, dict[str, Any]] = {
    "phone": {"size": PHONE},
    "desktop": {"size": DESKTOP},
    "a desktop at 400 % zoom": {"size": {"width": 320, "height": 256}},
    "forced colours": {"size": PHONE, "forced_colors": "active"},
    "dark": {"size": PHONE, "color_scheme": "dark"},
}

# The contrast of a colour with what stands behind `element`.
CONTRAST = """(colour, element) => {
  const parts = (css) => css.match(/[\\d.]+/g).map(Number);
  let behind = element;
  while (behind && parts(getComputedStyle(behind).backgroundColor)[3] === 0) behind = behind.parentElement;
  const light = (css) => parts(css).slice(0, 3)
    .map((part) => part / 255)
    .map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4))
    .reduce((sum, part, index) => sum + part * [0.2126, 0.7152, 0.0722][index], 0);
  const both = [light(colour), light(getComputedStyle(behind).backgroundColor)].sort((a, b) => b - a);
  return (both[0] + 0.05) / (both[1] + 0.05);
}"""
# Name of what has the focus, and what covers any corner of it (WCAG 2.4.12, the strict one), if anything does.
FOCUS = """() => {
  const element = document.activeElement;
  if (element === document.body) return [null, null];
  const { left, right, top, bottom } = element.getBoundingClientRect();
  const corners = [[left + 12, top + 6], [right - 12, top + 6], [left + 12, bottom - 6], [right - 12, bottom - 6]];
  const above = corners.map(([x, y]) => document.elementFromPoint(x, y)).find((found) => !element.contains(found));
  const name = element.innerText || element.id;
  return [name, above === undefined ? null : above ? above.outerHTML.slice(0, 80) : "the edge of the window"];
}"""
# Text that is put into a live region, at the moment that it is put there.
HEARD = """
  window.heard = [];
  new MutationObserver((changes) => {
    for (const { target, addedNodes } of changes) {
      const region = (target.nodeType === 1 ? target : target.parentElement)?.closest("[aria-live], [role=status]");
      if (!region || region.getAttribute("aria-live") === "off") continue;
      for (const node of addedNodes) if (node.textContent) window.heard.push(node.textContent);
    }
  }).observe(document, { childList: true, subtree: true });
"""
SIZES = pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["phone", "desktop"])

pytestmark = needs_chromium


async def faults(visitor: Visitor) -> list[str]:
    """What axe finds, and what it could not decide, each with the element."""
    rules = dict(RULES)
    if await visitor.page.evaluate("matchMedia('(forced-colors: active)').matches"):
        # axe reckons with the page's own colours, where the browser has put the person's.
        rules |= {name: {"enabled": False} for name in ("color-contrast", "color-contrast-enhanced")}
    options = {"runOnly": {"type": "tag", "values": TAGS}, "rules": rules}
    found = (await Axe().run(visitor.page, options=options)).response
    assert len(found["passes"]) > 25, "axe has looked at hardly anything"
    return [
        f"{rule['id']}: {node['html'][:90]} {node.get('failureSummary', '')[:160]}"
        for rule in found["violations"] + found["incomplete"]
        for node in rule["nodes"]
    ]


async def into_english(visitor: Visitor) -> None:
    await visitor.page.get_by_role("button", name="English").click()


async def larger_letters(visitor: Visitor) -> None:
    await visitor.page.evaluate("document.documentElement.style.fontSize = '200%'")


@pytest.mark.parametrize("view", VIEWS)
async def test_axe_finds_nothing(browser: Any, chat: Chat, view: str) -> None:
    visitor = await visit(browser, chat, **VIEWS[view])
    found = {"empty": await faults(visitor)}
    await talk_of_everything(visitor)
    found["conversation"] = await faults(visitor)
    await visitor.page.locator("summary").click()
    await into_english(visitor)
    found["english"] = await faults(visitor)
    await larger_letters(visitor)
    found["large letters"] = await faults(visitor)
    assert not any(found.values()), found
    assert await visitor.fits()
    await visitor.picture(f"accessible-{view}")


async def test_axe_would_see_a_fault(browser: Any, chat: Chat) -> None:
    visitor = await visit(browser, chat)
    await visitor.page.evaluate("""() => {
      document.querySelector('label').remove();
      document.getElementById('date').style.color = '#5d6762';  // 5.4:1, enough for AA
    }""")
    found = " ".join(await faults(visitor))
    assert "label:" in found
    assert "color-contrast-enhanced:" in found


@SIZES
async def test_edges_of_things_to_press_and_the_focus_stand_out(
    browser: Any, chat: Chat, size: dict[str, int]
) -> None:
    visitor = await visit(browser, chat, size)
    await talk_of_everything(visitor)
    await visitor.page.evaluate(f"() => {{ window.contrast = {CONTRAST}; }}")
    faint = await visitor.page.evaluate("""() => {
      const found = [];
      for (const element of document.querySelectorAll("button, textarea, a.file")) {
        if (!element.checkVisibility({ visibilityProperty: true, contentVisibilityAuto: true })) continue;
        element.focus();
        const { borderTopColor, outlineColor, outlineStyle, outlineWidth } = getComputedStyle(element);
        const edge = contrast(borderTopColor, element.parentElement);
        const ring = outlineStyle === "solid" && parseFloat(outlineWidth) >= 3 ? contrast(outlineColor, element.parentElement) : 0;
        if (Math.min(edge, ring) < 3) found.push([element.outerHTML.slice(0, 60), edge, ring]);
      }
      return found;
    }""")
    assert faint == []


@SIZES
@pytest.mark.parametrize("key", ["Tab", "Shift+Tab"])
async def test_what_has_the_focus_is_never_hidden_and_nothing_is_left_out(
    browser: Any, chat: Chat, size: dict[str, int], key: str
) -> None:
    visitor = await visit(browser, chat, size)
    await talk_of_everything(visitor)
    for number in range(3):
        await visitor.say(f"第{number}句。" * 20)
        await visitor.sees(f"收到：第{number}句")
    await visitor.say("停水了")
    await visitor.page.get_by_role("button", name="不对").wait_for()
    start = ".skip" if key == "Tab" else "footer a:last-of-type"
    await visitor.page.locator(start).focus()
    reached = {await visitor.page.locator(start).inner_text()}
    for _ in range(60):
        await visitor.page.keyboard.press(key)
        name, hidden = await visitor.page.evaluate(FOCUS)
        if name is None:
            break
        assert not hidden, f"{name} is hidden behind {hidden}"
        reached.add(name)
    assert {
        "直接去打字", "English", "打开地图", "下载文件", "再试一次", "读给我听", "对，就是这样", "不对", "常办的事",
        "发合同文件", "发送我的位置", "words", "发送", "110", "120",
    } <= reached  # fmt: skip


async def test_a_screen_reader_hears_what_is_new_and_not_the_history_again(browser: Any, chat: Chat) -> None:
    visitor = await visit(browser, chat)
    await visitor.page.add_init_script(HEARD)
    await visitor.page.reload()
    await visitor.say("慢")
    await visitor.sees("好了")
    heard = await visitor.page.evaluate("window.heard.join(' | ')")
    assert "正在想" in heard
    assert "助手回答：好了" in heard
    await visitor.page.reload()
    await visitor.sees("好了")
    assert await visitor.page.evaluate("window.heard") == []
    await visitor.page.wait_for_timeout(600)
    await visitor.say("养老点")
    await visitor.sees("约 800 米")
    assert "约 800 米" in await visitor.page.evaluate("window.heard.join(' | ')")


async def test_who_wants_less_motion_gets_none(browser: Any, chat: Chat) -> None:
    visitor = await visit(browser, chat)
    moving = "document.getAnimations().length"
    await visitor.say("慢")
    await visitor.sees("正在想…")
    assert await visitor.page.evaluate(moving) == 1
    await visitor.sees("好了")
    await visitor.page.emulate_media(reduced_motion="reduce")
    await visitor.say("慢")
    await visitor.sees("正在想…")
    assert await visitor.page.evaluate(moving) == 0


@SIZES
async def test_letters_may_be_set_wider_apart(browser: Any, chat: Chat, size: dict[str, int]) -> None:
    """WCAG 1.4.12: nothing is cut off with a person's own spacing."""
    visitor = await visit(browser, chat, size)
    await talk_of_everything(visitor)
    # Set by the browser, as a person's own style sheet is: the page's rules forbid a style element.
    await visitor.page.evaluate("""() => {
      const sheet = new CSSStyleSheet();
      sheet.replaceSync("* { line-height: 1.5 !important; letter-spacing: 0.12em !important; word-spacing: 0.16em !important; } p { margin-bottom: 2em !important; }");
      document.adoptedStyleSheets = [sheet];
    }""")
    assert await visitor.fits()
    cut = await visitor.page.evaluate("""() => [...document.querySelectorAll("button, .bubble, summary, h1, label")]
      .filter((element) => element.scrollWidth > element.clientWidth + 1 && element.clientWidth)
      .map((element) => element.outerHTML.slice(0, 80))""")
    assert cut == []
