"""Broken deliveries by the hundred thousand: bodies, queries and messages that somebody bent."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from bot.channels.model import BadMessage
from bot.channels.tencent.envelope import fields, read_query
from bot.channels.tencent.platform import Platform
from tests.channels.tencent.fakes import Peer

COUNT = 100_000
SLOWEST = 1.0  # seconds of the processor for one delivery
PIECES = (
    "]]>", "<![CDATA[", "<", ">", "&", "&amp;", "&#0;", "&#x110000;", "&e;", "<xml>", "</xml>", "<Content>", "</Content>",
    "<MsgId>", "<FromUserName>x</FromUserName>", "<!DOCTYPE x [<!ENTITY e 'x'>]>", "<?xml version='1.0' encoding='gbk'?>",
    "\x00", "\ud800", "\ufffe", "\u202e", "😀", "NaN", "-1", "1e999", "9" * 400, "<a>" * 300, "'", '"', "%", "\r\n",
)  # fmt: skip


def deliveries(
    peer: Peer, messages: Sequence[str], seed: int
) -> Iterator[tuple[Mapping[str, list[str]], bytes]]:
    """Queries and bodies: a third with bent messages under a right signature, the rest bent outside."""
    # Figures for load, not for secrets.
    dice = random.Random(seed)
    sealed = [peer.sealed(message) for message in messages]
    while True:
        kind = dice.randrange(3)
        if kind == 0:
            message = (
                _bent(dice, dice.choice(messages)).encode("utf-8", "surrogatepass").decode("utf-8", "replace")
            )
            query, body = peer.sealed(message)
            yield _given(query), body
            continue
        query, body = dice.choice(sealed)
        if kind == 1:
            yield _given(query), _bent(dice, body.decode()).encode("utf-8", "surrogatepass")
        else:
            given = _given(query)
            name = dice.choice(list(given) or ["nonce"])
            given[name] = dice.choice(
                ([], given[name] * 2, [_bent(dice, given[name][0])], ["x" * 2000], [""])
            )
            yield given, dice.choice((body, b"", dice.randbytes(dice.randrange(200))))


def run(
    platform: Platform, peer: Peer, messages: Sequence[str], *, seed: int, count: int = COUNT
) -> dict[str, int]:
    """Open and parse `count` deliveries; how many were refused, by their code, and how many taken.

    Whatever else than `BadMessage` is raised goes through; a delivery that takes too long, or another status than
    a 4xx, is a fault.
    """
    told: dict[str, int] = {}
    source = deliveries(peer, messages, seed)
    for _ in range(count):
        given, body = next(source)
        begun = time.process_time()
        code = outcome(
            lambda given=given, body=body: platform.parse(fields(platform.open(body, read_query(given))))
        )
        assert time.process_time() - begun < SLOWEST, (given, body)
        assert not code.startswith("status"), (given, body)
        told[code] = told.get(code, 0) + 1
    return told


def outcome(take: Callable[[], Any]) -> str:
    try:
        take()
    except BadMessage as refused:
        return refused.code if 400 <= refused.status < 500 else f"status {refused.status}"
    return "taken"


def _given(query: Any) -> dict[str, list[str]]:
    return {name: [value] for name, value in asdict(query).items() if value}


def _bent(dice: random.Random, text: str) -> str:
    for _ in range(dice.randint(1, 3)):
        at = dice.randrange(len(text) + 1)
        what = dice.randrange(5)
        if what == 0:
            text = text[:at]
        elif what == 1:
            text = text[:at] + dice.choice(PIECES) + text[at:]
        elif what == 2:
            text = text[:at] + text[at + dice.randrange(1, 30) :]
        elif what == 3:
            text = text[:at] + chr(dice.randrange(0x20, 0x3000)) + text[at + 1 :]
        else:
            text = text[:at] + text[dice.randrange(len(text) + 1) :] if text else text
    return text
