"""What a text platform's person reads and writes: numbered choices, the rest of an answer on “更多”."""

from __future__ import annotations

import re
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from bot.channels.model import Message, Press, Received, Reply, Sent, Words
from bot.channels.tencent import parts
from bot.channels.tencent.platform import Platform
from bot.nlu.language import identify
from bot.storage import accounts, choices, inbound, replies
from bot.storage.choices import Choice
from bot.storage.database import session_scope
from bot.texts import word

KEPT = timedelta(hours=1)  # choices and the rest of an answer
MORE = "more"
_TOKEN = 20  # characters; `bot.storage.choices` puts nine behind them


@dataclass(frozen=True)
class Rest(Reply):
    """Stands for what is left of the last answer, asked for `at`: taken in the transaction that stores it as answer."""

    at: datetime = datetime.min


def late(sent: Sent, *, channel: str, address: str) -> str:
    """What is said where the answer is not ready and cannot be sent later."""
    language = identify(sent.text) if isinstance(sent, Words) else None
    # Words of no language, a number or a place, leave it at the one that the person spoke before.
    with suppress(SQLAlchemyError), session_scope() as session:
        language = language or _language(session, channel, accounts.sender_of(channel, address))
    return word("channel_late", language or "zh")


def joined(replies: Sequence[Reply]) -> Sequence[Reply]:
    """The replies of an answer as the one that the platform's person gets; none of none."""
    if any(isinstance(reply, Rest) for reply in replies):
        return replies
    return (parts.joined(replies),) if replies else ()


def pages(
    session: Session,
    reply: Reply,
    *,
    channel: str,
    sender: str,
    now: datetime,
    pushed: bool,
    refused: bool = False,
) -> Sequence[str]:
    """A joined answer as the platform's messages; its choices and its rest are kept for the person.

    Where nothing can be pushed it is one message, and begins with the answers that still wait for the person; where
    the platform `refused` some, with those. A real answer ends the choices that were offered before: a number must
    not fall to a question that is over.
    """
    text = reply.text
    its: dict[str, Any] = {"channel": channel, "sender": sender, "now": now}
    earlier = ""
    if refused or not pushed:
        earlier = "\n\n".join(replies.take_waiting(session, refused=pushed, **its))
    offered = [Choice(button.payload, button.title) for button in reply.buttons]
    if isinstance(reply, Rest):
        earlier = parts.without_lines(earlier, _lines_of("channel_more"))
        text = _rest(session, reply.at, found=bool(earlier), **its)
    elif offered or not reply.notice:
        if earlier:  # its question is over
            earlier = parts.without_lines(earlier, _lines_of("channel_more"))
            earlier += "\n\n" + _last_rest(session, **its)
            earlier = parts.without_lines(earlier, _lines_of("channel_choice", "channel_choice_word"))
        lines = _offered(session, text, offered, **its)
        text = "\n\n".join(filter(None, (text, "\n".join(lines))))
        if len(f"{earlier}\n\n{text}".encode()) > parts.MAX_BYTES:  # the newer one may be of danger
            earlier, text = text, earlier
    text = "\n\n".join(filter(None, (earlier, text)))
    if len(text.encode()) <= parts.MAX_BYTES:
        return [text] if text else []
    more = "\n" + word("channel_more", _language(session, channel, sender))
    shown, rest = parts.parts(text, more=more, most=parts.MAX_PARTS if pushed else 1)
    if rest:
        choices.keep(session, MORE, Choice(rest, MORE), channel=channel, sender=sender, now=now, kept=KEPT)
    return shown


def _offered(
    session: Session, text: str, offered: Sequence[Choice], *, channel: str, sender: str, now: datetime
) -> list[str]:
    """Keep the choices of an answer; the lines that tell of them, by number or, where a number is an answer, by word."""
    by_word = parts.asks_for_quantity(text)
    numbered: Sequence[Choice] = [] if by_word else offered
    numbers = choices.offer_numbers(session, numbered, channel=channel, sender=sender, now=now, kept=KEPT)
    if not offered:
        return []
    language = _language(session, channel, sender)
    if not by_word:
        return [
            word("channel_choice", language, number=number, title=choice.title)
            for number, choice in zip(numbers, offered, strict=True)
        ]
    for choice in offered:
        token = _token(choice.title)
        choices.keep(session, token, choice, channel=channel, sender=sender, now=now, kept=KEPT)
    return [word("channel_choice_word", language, title=choice.title) for choice in offered]


def _token(text: str) -> str:
    """The token of a choice that is made by its words."""
    return text.strip(' “”"。.!！').replace("~", "")[:_TOKEN]


def _lines_of(*names: str) -> Sequence[str]:
    """Patterns of the lines that these texts make, in both languages."""
    marks = {"number": "\0", "title": "\0"}
    return [
        ".*".join(map(re.escape, word(name, language, **marks).split("\0")))
        for name in names
        for language in ("zh", "en")
    ]


def interpret(
    session: Session, received: Received, *, platform: Platform, sender: str, now: datetime
) -> Sent | Message | tuple[Reply, ...]:
    """What a number, a menu's key or “更多” stands for; everything else is itself.

    A number is a choice only where choices were offered; else it may be the answer to "how many". Those count that
    the person could have read when they sent it, not those of an answer that was on its way then.
    """
    channel, sent = platform.channel, received.sent
    if isinstance(sent, Press):
        return platform.menu_message(sent.payload, _language(session, channel, sender)) or sent
    if not isinstance(sent, Words):
        return sent

    def at() -> datetime:
        # By our own clock: that of the platform, in CreateTime, need not go with it.
        return inbound.received_at(session, channel=channel, key=received.key) or now

    def read() -> datetime:
        waits = replies.waits_since(session, channel=channel, sender=sender)
        return min(at(), waits or now)

    if parts.wants_more(sent.text):
        return (Rest(notice=True, at=at()),)
    token = parts.number_said(sent.text) or _token(sent.text)
    if token == MORE:
        return sent
    choice = choices.chosen_at(session, token, channel=channel, sender=sender, now=now, at=read)
    return Message(choice.payload, choice.title) if choice else sent


def _rest(session: Session, at: datetime, *, channel: str, sender: str, now: datetime, found: bool) -> str:
    """The rest of the answer that the person had before them, once; in words that there is none, where nothing else
    was `found` either."""
    rest = choices.chosen_at(session, MORE, channel=channel, sender=sender, now=now, at=lambda: at, take=True)
    # None: it was asked for twice, say; then it goes on.
    text = rest.payload if rest else _last_rest(session, channel=channel, sender=sender, now=now)
    return text or ("" if found else word("channel_no_more", _language(session, channel, sender)))


def _last_rest(session: Session, *, channel: str, sender: str, now: datetime) -> str:
    """What is left of the last answer, taken; "" where nothing is."""
    rest = choices.chosen(session, MORE, channel=channel, sender=sender, now=now)
    choices.forget(session, MORE, channel=channel, sender=sender)
    return rest.payload if rest else ""


def _language(session: Session, channel: str, sender: str) -> str:
    account = accounts.find(session, channel=channel, sender=sender)
    return account.language if account else "zh"
