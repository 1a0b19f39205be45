"""`wuchang serve` as a Telegram bot that polls: the trained model behind it, and a kill -9 wherever it hurts."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.runtime.training import ensure_model
from tests.channels.telegram.fakeapi import HANG, FakeApi
from tests.e2e.served import Served

REPORT = "咸塘镇卫生院没水，昨晚七点停的，电话13912340100，整条街都没有"


class Bot:
    """A served assistant that can be killed and started anew on the same database."""

    def __init__(self, folder: Path) -> None:
        self.api = FakeApi(token=f"702:AA{folder.name.replace('-', '')}00000000000000000000000")
        self.folder = folder
        self.logs: list[str] = []
        self.start()

    def start(self) -> None:
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("WUCHANG_TELEGRAM_TOKEN", self.api.token)
            patch.setenv("WUCHANG_TELEGRAM_API", self.api.url)
            self.served = Served(f"sqlite:///{self.folder}/wuchang.db", self.folder)

    def kill(self) -> None:
        """Everything at once, as when the power fails; the children are groups of their own."""
        self.logs.append(self.served.log.read_text(errors="replace"))
        children = (
            Path(f"/proc/{self.served.process.pid}/task/{self.served.process.pid}/children")
            .read_text()
            .split()
        )
        os.kill(self.served.process.pid, signal.SIGKILL)
        for child in children:
            os.kill(int(child), signal.SIGKILL)
        self.served.process.wait()

    def said(self, person: int) -> str:
        return "\n".join(self.api.texts(person))


@pytest.fixture(scope="module")
def bot(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bot]:
    ensure_model()
    running = Bot(tmp_path_factory.mktemp("telegram"))
    yield running
    if running.served.process.poll() is None:
        running.served.stop()
    running.api.close()


def numbers(bot: Bot) -> list[str]:
    return [report["number"] for report in bot.served.listed("reports")]


def test_a_resident_reports_with_words_and_buttons(bot: Bot) -> None:
    bot.api.receives("/start", 1)
    bot.api.wait(lambda: "屋场助手" in bot.said(1))
    bot.api.wait(
        lambda: any(
            "keyboard" in (call.params.get("reply_markup") or {}) for call in bot.api.of("sendMessage")
        )
    )
    bot.api.presses("报停水", 1)
    bot.api.wait(lambda: bot.api.of("editMessageReplyMarkup"))
    bot.api.receives(REPORT, 1)
    bot.api.wait(lambda: "对吗" in bot.said(1))
    bot.api.receives("对", 1)
    bot.api.wait(lambda: "HN" in bot.said(1))
    report = bot.served.listed("reports")[-1]
    assert (report["township"], report["channel"]) == ("咸塘镇", "telegram")
    assert report["number"] in bot.said(1)


def test_service_points_are_shown_on_the_map(bot: Bot) -> None:
    bot.api.receives("附近有没有吃饭的养老点", 2)
    bot.api.wait(lambda: bot.api.texts(2))
    bot.api.gets({"location": {"latitude": 26.97, "longitude": 112.37}}, 2)
    venues = bot.api.wait(lambda: bot.api.of("sendVenue"))
    assert venues[0].params["title"] in bot.said(2)


def test_killed_in_the_middle_of_the_work(bot: Bot) -> None:
    """The same words again and again, with a kill each time somewhere between their arrival and the answer."""
    before = len(numbers(bot))
    for i, wait in enumerate((0.0, 0.02, 0.05)):
        person = 10 + i
        bot.api.receives(REPORT, person)
        bot.api.wait(lambda person=person: "对吗" in bot.said(person))
        bot.api.receives("对", person)
        time.sleep(wait)
        bot.kill()
        bot.start()
        # A message that was on its way is not sent again: it is listed for staff where nobody knows.
        bot.api.wait(lambda n=before + i + 1: len(numbers(bot)) == n, 30)
    time.sleep(2)
    assert len(numbers(bot)) == before + 3
    for person in (10, 11, 12):
        assert bot.said(person).count("HN") <= 1 or len(set(bot.api.texts(person))) == len(
            bot.api.texts(person)
        )
        assert sum("对吗" in text for text in bot.api.texts(person)) == 1


def test_killed_while_an_answer_is_on_its_way_it_is_not_sent_twice(bot: Bot) -> None:
    bot.api.receives("你好", 20)
    bot.api.wait(lambda: bot.api.texts(20))
    bot.api.fail("sendMessage", HANG)  # it has arrived, and its confirmation has not
    before = len(bot.api.texts(20))
    bot.api.receives("你能办什么", 20)
    bot.api.wait(lambda: len(bot.api.texts(20)) == before + 1)
    bot.kill()
    bot.start()
    bot.api.receives("谢谢", 21)
    bot.api.wait(lambda: bot.api.texts(21))
    time.sleep(1)
    assert len(bot.api.texts(20)) == before + 1


def test_what_came_while_it_was_down_is_answered_in_order(bot: Bot) -> None:
    bot.kill()
    for text in ("你好", "合同签好以后要不要备案", "谢谢"):
        bot.api.receives(text, 30)
    bot.start()
    bot.api.wait(lambda: len(bot.api.texts(30)) >= 3, 30)
    assert "屋场助手" in bot.api.texts(30)[0]
    assert "备案" in bot.api.texts(30)[1]


def test_it_ends_in_order_and_its_log_holds_no_secret(bot: Bot) -> None:
    assert bot.served.stop() == 0
    log = "".join([*bot.logs, bot.served.log.read_text(errors="replace")])
    for secret in (bot.api.token, "13912340100", "卫生院"):
        assert secret not in log
    assert "Traceback" not in log
