"""What a text platform's person reads and writes: numbered choices, the rest of an answer on “更多”."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from bot.channels.model import Message, Press, Reply, Sent, Words
from bot.channels.tencent import parts
from bot.channels.tencent.platform import Platform
from bot.nlu.language import identify
from bot.storage import accounts, choices, outbox
from bot.storage.choices import Choice
from bot.texts import word

KEPT = timedelta(hours=1)  # choices and the rest of an answer
MORE = "more"


def is_english(sent: Sent) -> bool:
    """Whether somebody wrote in English."""
    return isinstance(sent, Words) and identify(sent.text) == "en"


def late(language: str) -> str:
    """What is said where the answer is not ready and cannot be sent later."""
    return word("channel_late", language)


def pages(
    session: Session, reply: Reply, *, channel: str, sender: str, now: datetime, pushed: bool
) -> Sequence[str]:
    """A joined answer as the platform's messages; its choices and its rest are kept for the person.

    Where nothing can be pushed it is one message. A real answer ends the choices that were offered before: a number
    must not fall to a question that is over.
    """
    text = reply.text
    offered = [Choice(button.payload, button.title) for button in reply.buttons]
    if offered or not reply.notice:
        lines = _offered(session, text, offered, channel=channel, sender=sender, now=now)
        text = "\n\n".join(filter(None, (text, "\n".join(lines))))
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
    return text.strip(' “”"。.!！')[:32]


def interpret(
    session: Session, sent: Sent, *, platform: Platform, sender: str, now: datetime
) -> Sent | Message | tuple[Reply, ...]:
    """What a number, a menu's key or “更多” stands for; everything else is itself.

    A number is a choice only where choices are offered now; else it may be the answer to "how many".
    """
    channel = platform.channel
    if isinstance(sent, Press):
        return platform.menu_message(sent.payload, _language(session, channel, sender)) or sent
    if not isinstance(sent, Words):
        return sent
    if parts.wants_more(sent.text):
        return _more(session, platform, sender, now)
    token = parts.number_said(sent.text) or _token(sent.text)
    choice = (
        choices.chosen(session, token, channel=channel, sender=sender, now=now) if token != MORE else None
    )
    return Message(choice.payload, choice.title) if choice else sent


def _more(session: Session, platform: Platform, sender: str, now: datetime) -> tuple[Reply, ...]:
    """What waits for the person, and the rest of the last answer; once each."""
    channel = platform.channel
    rest = choices.chosen(session, MORE, channel=channel, sender=sender, now=now)
    choices.forget(session, MORE, channel=channel, sender=sender)
    # Where the courier pushes, it brings what waits.
    waiting = (
        () if platform.can_push else outbox.take_waiting(session, channel=channel, sender=sender, now=now)
    )
    texts = [*waiting, *([rest.payload] if rest else [])]
    if not texts:
        texts = [word("channel_no_more", _language(session, channel, sender))]
    return (Reply("\n\n".join(texts), notice=True),)


def _language(session: Session, channel: str, sender: str) -> str:
    account = accounts.find(session, channel=channel, sender=sender)
    return account.language if account else "zh"
