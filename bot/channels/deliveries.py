"""What reaches a person of the web chat beside the answers: messages that have become due, and files behind a link."""

from __future__ import annotations

from urllib.parse import quote

from sanic.response import HTTPResponse, raw, text

from bot import clock
from bot.channels.sessions import MAX_TURNS, Turn
from bot.channels.shown import public_messages
from bot.storage import files, outbox, talk_lines, talks, told
from bot.storage.database import session_scope
from bot.storage.outbox import Outgoing
from bot.texts import word

CHANNEL = "web"
_GONE = (
    "这个链接过期了，或者不完整。请回到对话里再说一次“发我一份”。\n"
    "This link has expired or is not complete. Please ask for the document again in the chat."
)


def take_due(sender: str) -> tuple[Outgoing, ...]:
    """What is due to `sender` now, marked as sent in one transaction with the reading."""
    with session_scope() as session:
        return outbox.take(session, channel=CHANNEL, sender=sender, now=clock.now())


def staff_expected(sender: str) -> bool:
    """Whether words of staff may come to `sender` at any moment."""
    with session_scope() as session:
        return talks.is_expected(session, CHANNEL, sender, now=clock.now())


def beside(sender: str, language: str | None = None) -> tuple[Turn, ...]:
    """What the stored conversation, which is the assistant's, has nothing of, oldest first: what `sender` said to staff,
    and what reached them by itself, words of staff, reminders and news (in the `language` of the conversation)."""
    with session_scope() as session:
        lines = talk_lines.said_by(session, channel=CHANNEL, sender=sender, most=MAX_TURNS)
        came = told.told(session, channel=CHANNEL, sender=sender, most=MAX_TURNS)
    button = word("talk_button", "zh", payload="")[:-1]
    said = [
        Turn(line.text, line.at, talk=True)
        for line in lines
        if not line.text.startswith(button)  # its title is out of reach
    ]
    heard = [Turn("", one.at, public_messages([outbox.in_language(one.message, language)])) for one in came]
    return tuple(sorted([*said, *heard], key=lambda turn: turn.at)[-MAX_TURNS:])


def shared_file(token: str) -> HTTPResponse:
    """The file of a link to be saved; 404 in words where the token is none or its time is over."""
    with session_scope() as session:
        file = files.fetch(session, token, now=clock.now())
    if file is None:
        return text(_GONE, status=404)
    # The name is Chinese; RFC 5987 carries it, the plain one is for what cannot read that.
    ending = file.name.rsplit(".", 1)[-1]
    named = f"attachment; filename=\"checklist.{ending}\"; filename*=UTF-8''{quote(file.name)}"
    return raw(file.body, content_type=file.content_type, headers={"Content-Disposition": named})
