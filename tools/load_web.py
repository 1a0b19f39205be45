"""`python -m tools.load_web`: many people at once in the web chat of a really trained server on this machine.

Each has a cookie and a connection of their own, opens the page as a browser does, writes, reads some seconds
(8 to 12), and writes again: reports with a phone of their own, eldercare, rules, contracts. An error is what a
person would call one: no answer, a wrong status, "too busy", or the answer to somebody else.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import random
import re
import sys
import time
import uuid
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import aiohttp

from tools.bench import servers
from tools.bench.stats import MILLI, percentile

READING_SECONDS = (8.0, 12.0)
GIVE_UP_SECONDS = 40  # as the page does
PAGE_FILES = (
    "",
    "chat.css",
    "chat.js",
    "show.js",
    "upload.js",
    "photo.js",
    "voice.js",
    "words.js",
    "icon.svg",
)
REPORT_NUMBER = re.compile(r"HN\d{6}-\d+")
PHONE_SHOWN = re.compile(r"139\*{4}(\d{4})")


@dataclass
class Person:
    """Somebody in the crowd: `phone` is theirs alone, `report` the number that they were given."""

    number: int
    report: str | None = None
    said: list[str] = field(default_factory=list)

    @property
    def phone(self) -> str:
        """Eleven digits; the last four, which read-backs show, are other people's in no crowd below 10,000."""
        return f"1391234{self.number:04d}"

    def talk(self) -> Iterator[tuple[str, str]]:
        """(message, what its answer has to contain) without end."""
        kinds = (_reports, _looks_for_care, _asks_for_rules, _asks_for_contracts)
        while True:
            yield from kinds[self.number % len(kinds)](self)


def _reports(person: Person) -> Iterator[tuple[str, str]]:
    yield (
        f"泉溪镇老街没水，昨晚七点停的，电话{person.phone}，整条街都没有",
        rf"139\*{{4}}{person.phone[-4:]}",
    )
    yield "对", REPORT_NUMBER.pattern
    while True:  # a second report would have a number of its own
        yield "我报的那个修好了没有", person.report or REPORT_NUMBER.pattern


def _looks_for_care(_person: Person) -> Iterator[tuple[str, str]]:
    yield "三塘镇哪里能吃助餐", "三塘"
    yield "泉溪镇最近的养老点在哪里", "泉溪"
    yield "时间银行是怎么回事", "时间银行"


def _asks_for_rules(_person: Person) -> Iterator[tuple[str, str]]:
    yield "谁批准启动一级应急响应", "县"
    yield "你好", "屋场助手"
    yield "三塘镇今天哪里停水", "三塘"


def _asks_for_contracts(_person: Person) -> Iterator[tuple[str, str]]:
    yield "要办合同，需要准备什么", "合同"
    yield "算了，不办了", "."
    yield "审查合同要多少天", "日|天"


def fault(person: Person, wanted: str, answer: str, trouble: Sequence[str]) -> str | None:
    """What is wrong with `answer` to this person; their report's number is noted where it is new."""
    if any(line in answer for line in trouble):
        return "trouble"
    if set(PHONE_SHOWN.findall(answer)) - {person.phone[-4:]}:
        return "somebody else's phone"
    numbers = set(REPORT_NUMBER.findall(answer))
    if person.report is None and len(numbers) == 1:
        person.report = numbers.pop()
    elif person.report and numbers - {person.report}:
        return "somebody else's report"
    return None if re.search(wanted, answer) else "not the answer"


@dataclass
class Tally:
    """Seconds of messages and of opening the page, and errors by kind (each with an example)."""

    trouble: Sequence[str]
    messages: list[float] = field(default_factory=list)
    pages: list[float] = field(default_factory=list)
    errors: Counter[str] = field(default_factory=Counter)
    examples: dict[str, str] = field(default_factory=dict)

    def note(self, kind: str, example: str) -> None:
        """Count an error."""
        self.errors[kind] += 1
        self.examples.setdefault(kind, example[:200])


async def _get_or_post(client: aiohttp.ClientSession, url: str, body: Any = None) -> Any:
    request = client.get(url) if body is None else client.post(url, json=body)
    async with request as response:
        if response.status != 200:
            raise ValueError(f"status {response.status}")
        return await response.json() if response.content_type == "application/json" else await response.read()


async def _open_page(client: aiohttp.ClientSession, url: str, tally: Tally) -> None:
    begun = time.perf_counter()
    for name in (*PAGE_FILES, "history", "waiting"):
        await _get_or_post(client, url + name)
    tally.pages.append(time.perf_counter() - begun)


async def _say(
    client: aiohttp.ClientSession, url: str, text: str, wanted: str, person: Person, tally: Tally
) -> None:
    begun = time.perf_counter()
    given = await _get_or_post(client, f"{url}message?id={uuid.uuid4().hex}", {"text": text})
    tally.messages.append(time.perf_counter() - begun)
    answer = "\n".join(message.get("text", "") for message in given["messages"])
    wrong = given.get("error") or fault(person, wanted, answer, tally.trouble)
    if wrong:
        tally.note(wrong, f"{text} -> {answer}")
    if wrong != "busy":
        person.said.append(text)


async def _live(person: Person, url: str, until: float, tally: Tally) -> None:
    """One person from the opening of the page to the end of the time, and their history last."""
    jar = aiohttp.CookieJar(unsafe=True)  # the address is a number
    timeout = aiohttp.ClientTimeout(total=GIVE_UP_SECONDS)
    async with aiohttp.ClientSession(cookie_jar=jar, timeout=timeout) as client:
        await asyncio.sleep(random.uniform(0, READING_SECONDS[0]))
        try:
            await _open_page(client, url, tally)
            talk = person.talk()
            while time.perf_counter() < until:
                text, wanted = next(talk)
                await _say(client, url, text, wanted, person, tally)
                await asyncio.sleep(random.uniform(*READING_SECONDS))
            turns = (await _get_or_post(client, f"{url}history"))["turns"]
            if [turn["said"] for turn in turns] != person.said:
                tally.note("not their history", str([turn["said"] for turn in turns]))
        except (aiohttp.ClientError, asyncio.TimeoutError, OSError, ValueError) as error:
            tally.note(type(error).__name__, repr(error))


async def crowd(
    url: str, people: int, seconds: float, trouble: Sequence[str] = ()
) -> tuple[Tally, list[Person]]:
    """`people` at once at the chat's address for `seconds`; they come within the first eight."""
    tally, persons = Tally(trouble), [Person(number) for number in range(people)]
    until = time.perf_counter() + READING_SECONDS[0] + seconds
    await asyncio.gather(*(_live(person, url, until, tally) for person in persons))
    given = Counter(person.report for person in persons if person.report)
    for number, times in given.items():
        if times > 1:
            tally.note("one report for two people", number)
    return tally, persons


def _figures(what: str, seconds: Sequence[float]) -> str:
    if not seconds:
        return f"{what}: none"
    p50, p95, most = (percentile(seconds, share) * MILLI for share in (0.5, 0.95, 1.0))
    return f"{what}: {len(seconds)}; p50 {p50:.0f} ms, p95 {p95:.0f} ms, longest {most:.0f} ms"


def main(arguments: Sequence[str] | None = None) -> int:
    """Let the crowd in and print the figures; 1 where anybody had an error."""
    parser = argparse.ArgumentParser(prog="python -m tools.load_web", description=__doc__)
    parser.add_argument("--people", type=int, default=500, metavar="N", help="people at once (500)")
    parser.add_argument("--seconds", type=float, default=60, metavar="N", help="how long all are there (60)")
    given = parser.parse_args(arguments)
    servers.WORK.mkdir(parents=True, exist_ok=True)
    before = os.getloadavg()[0]
    with servers.ours() as running:
        url = running.url.replace("/rest/webhook", "/web/")
        tally, persons = asyncio.run(crowd(url, given.people, given.seconds, running.trouble))
        memory = servers.memory_mb(running.rasa_pid), servers.memory_mb(running.action_pid)
    print(f"{given.people} people, {given.seconds:.0f} s; {os.cpu_count()} cores, load before {before:.1f}")
    print(_figures("pages opened (10 requests each)", tally.pages))
    print(_figures("messages", tally.messages) + f"; {len(tally.messages) / given.seconds:.0f} a second")
    print(f"reports filed: {sum(person.report is not None for person in persons)}")
    print(f"memory: Rasa {memory[0]:.0f} MB, actions {memory[1]:.0f} MB")
    for kind, count in tally.errors.most_common():
        print(f"ERROR {kind}: {count}, e.g. {tally.examples[kind]}")
    print("errors: none" if not tally.errors else f"errors: {sum(tally.errors.values())}")
    return 1 if tally.errors else 0


if __name__ == "__main__":
    sys.exit(main())
