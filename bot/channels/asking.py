"""The answers to a message of a platform: what was meant becomes a message for the assistant; whatever fails is told."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from bot import clock
from bot.channels import pictures, uploads
from bot.channels.conversation import Conversation, log_failure
from bot.channels.ledger import Opened
from bot.channels.model import (
    YES_OR_NO,
    BadMessage,
    Command,
    File,
    Message,
    Other,
    Photo,
    Place,
    Press,
    Reply,
    Sent,
    Voice,
    Words,
    place_message,
    words,
    words_message,
)
from bot.photos import is_image
from bot.storage import choices
from bot.storage import uploads as stored
from bot.storage.database import session_scope
from bot.texts import word

Fetch = Callable[[Photo | File], Awaitable[bytes]]
_CAPTIONED = (Photo, File, Voice, Other)


class Asking:
    """Asks the assistant of one channel.

    Args:
        fetch: the bytes of a photo or file, from the platform.
    """

    def __init__(self, conversation: Conversation, fetch: Fetch) -> None:
        self.channel = conversation.channel
        self._conversation = conversation
        self._fetch = fetch

    async def answers(self, opened: Opened, key: str, *, again: bool) -> tuple[Reply, ...]:
        """The answers to the message `key`; whatever fails, the person hears of it.

        `again`: its work may have been begun before; what was answered then is not asked again.
        """
        sender, language = opened.sender, opened.language
        try:
            return await self._answer(opened, key, again=again)
        except BadMessage as refused:
            # A photo or file that is refused says why, in words for people; of all else nothing can be used.
            if refused.code == "no_media":  # the platform does not hand it out
                told = notice("no_file", language)
            elif isinstance(opened.meant, Photo | File):
                told = (Reply(str(refused)),)
            else:
                return notice("other", language)
            return await self._with_caption(told, opened, key)
        except Exception as error:
            log_failure(self.channel, sender, error)
            return notice("trouble", language)

    async def _answer(self, opened: Opened, key: str, *, again: bool) -> tuple[Reply, ...]:
        sender, language = opened.sender, opened.language
        # Asked before anything else: a photo that was told of is not fetched and kept a second time.
        if again and (told := await self._conversation.told(sender, key)) is not None:
            return told
        async with self._message(opened.meant, sender) as message:
            if isinstance(message, str):
                return await self._with_caption(notice(message, language), opened, key)
            return await self._asked(message, opened, key)

    async def _asked(self, message: Message, opened: Opened, key: str) -> tuple[Reply, ...]:
        answers = await self._conversation.ask(message, opened.sender, key)
        if answers is None:
            return notice("trouble", opened.language)
        return (*notice("cut", opened.language), *answers) if message.cut else answers

    async def _with_caption(self, told: tuple[Reply, ...], opened: Opened, key: str) -> tuple[Reply, ...]:
        """What is said of something that is of no use here, and the answer to the words that were written under it."""
        caption = opened.meant.caption if isinstance(opened.meant, _CAPTIONED) else None
        return (*told, *await self._asked(words_message(caption), opened, key)) if caption else told

    @asynccontextmanager
    async def _message(self, sent: Sent | Message, sender: str) -> AsyncIterator[Message | str]:
        """The message for the assistant, or the name of the notice where there is none."""
        if isinstance(sent, Message):
            yield sent
        elif isinstance(sent, Words):
            yield words_message(sent)
        elif isinstance(sent, Place):
            yield place_message(sent)
        elif isinstance(sent, Command):
            yield Message(sent.payload, sent.title)
        elif isinstance(sent, Press):
            yield await asyncio.to_thread(_pressed, self.channel, sender, sent)
        elif isinstance(sent, Photo | File):
            async with self._kept(sent, sender) as message:
                yield message
        elif isinstance(sent, Other):
            yield "not_kept" if sent.caption else "other"
        else:
            yield "voice"

    @asynccontextmanager
    async def _kept(self, sent: Photo | File, sender: str) -> AsyncIterator[Message]:
        """A photo stays with the person's report; a file goes once it was read. A photo may be sent as a file."""
        content = await self._fetch(sent)
        if isinstance(sent, Photo) or is_image(content):
            yield await pictures.keep(content, sent.caption, channel=self.channel, sender=sender)
            return
        handed_in = await asyncio.to_thread(uploads.keep, sent.name, content)
        try:
            yield handed_in.message_with(sent.caption)
        finally:
            stored.discard(handed_in.token)


def _pressed(channel: str, sender: str, press: Press) -> Message | str:
    """What a button stands for; one that is no longer kept is taken as the words on it.

    A yes or no is for the question above it: once another one was asked with such a button it counts for neither.
    """
    with session_scope() as session:
        its = {"channel": channel, "sender": sender}
        choice = choices.chosen(session, press.payload, now=clock.now(), **its)
        if (
            choice
            and choice.payload in YES_OR_NO
            and choices.offered_since(session, press.payload, choice, **its)
        ):
            return "button_old"
    if choice:
        return Message(choice.payload, choice.title)
    return words_message(words(press.title)) if press.title else "button_old"


def notice(name: str, language: str) -> tuple[Reply, ...]:
    """A sentence about the message itself, from domain.yml."""
    return (Reply(word(f"channel_{name}", language), notice=True),)
