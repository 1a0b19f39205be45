"""An answer as messages of the Bot API: cut where a sentence ends, its buttons kept on the server.

`render` makes several `Reply` of one, each of which `sender` sends with one call: text (buttons under the last
part), picture, file, and each place on the map.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from bot.channels.model import Button, Reply
from bot.channels.telegram.parse import CHANNEL
from bot.storage import choices
from bot.storage.choices import Choice

MAX_UNITS = 4096  # UTF-16 code units, as Telegram counts
BUTTONS_KEPT = timedelta(days=7)
NO_TEXT = "👇"  # buttons cannot come without a text
_PARAGRAPH = re.compile(r"\n+")
_SENTENCE = re.compile(r"(?<=[。！？；!?])[”’」）)]?|(?<=[.;])(?=\s)")
_SPACE = re.compile(r"(?<=\s)|(?<=[，、,])")


def render(session: Session, reply: Reply, sender: str, now: datetime) -> Sequence[Reply]:
    """The messages of one answer; each button's payload is a token that `bot.storage.choices` knows for 7 days."""
    parts = [Reply(part) for part in split(reply.text)]
    if reply.buttons:
        parts = parts or [Reply(NO_TEXT)]
        parts[-1] = replace(parts[-1], buttons=offered(session, reply.buttons, sender, now))
    if reply.image:
        parts.append(Reply(image=reply.image))
    if reply.attachment:
        parts.append(Reply(attachment=reply.attachment))
    parts.extend(Reply(venues=(venue,)) for venue in reply.venues)
    return parts


def split(text: str, most: int = MAX_UNITS) -> list[str]:
    """`text` in parts of at most `most` UTF-16 units: at empty lines, lines, sentences, words, and only then anywhere."""
    parts: list[str] = []
    rest = text.strip()
    while units(rest) > most:
        fits = _fitting(rest, most)
        end = _end(rest[:fits], rest) or fits
        parts.append(rest[:end].rstrip())
        rest = rest[end:].lstrip()
    return [part for part in (*parts, rest) if part]


def units(text: str) -> int:
    """The length of `text` as Telegram counts it."""
    return len(text) + sum(char > "\uffff" for char in text)


def _fitting(text: str, most: int) -> int:
    """How many characters of `text` have at most `most` units."""
    used = 0
    for i, char in enumerate(text):
        used += 2 if char > "\uffff" else 1
        if used > most:
            return i
    return len(text)


def _end(head: str, text: str) -> int | None:
    """Where the best part of `head` ends, in its second half, so that no part is a stub; None where nowhere."""
    least = len(head) // 2
    for boundary in (_PARAGRAPH, _SENTENCE, _SPACE):
        ends = [
            found.end()
            for found in boundary.finditer(text, 0, len(head) + 1)
            if least < found.end() <= len(head)
        ]
        if ends:
            return ends[-1]
    return None


def offered(session: Session, buttons: Sequence[Button], sender: str, now: datetime) -> tuple[Button, ...]:
    """The buttons with tokens in the place of what they stand for, which is kept for the person."""
    wanted = [Choice(button.payload, button.title) for button in buttons]
    tokens = choices.offer(session, wanted, channel=CHANNEL, sender=sender, now=now, kept=BUTTONS_KEPT)
    return tuple(Button(button.title, token) for button, token in zip(buttons, tokens, strict=True))
