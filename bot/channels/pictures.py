"""A photo that a person sends, from bytes to a message for the assistant. What it is of is not looked at.

Without words under it the message is the intent `send_photo`, which people cannot type; with words it is those words,
as if they had been typed. Both have ``{"photo": {"id"}}`` as metadata: the id of `bot/storage/attachments.py`, which
only the same sender's report can take.
"""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor

from bot import clock, photos
from bot.channels.model import BadMessage, Message, Words
from bot.errors import BadInput
from bot.storage import attachments
from bot.storage.attachments import Kept
from bot.storage.database import session_scope

INTENT = "/send_photo"
PHOTO_MARK = "[照片]"
NAME = "photo.jpg"
# A photo of 12 million pixels takes about half a second of a core and 30 MB: two at a time, beside everybody's messages.
_MAKERS = ThreadPoolExecutor(2, "photo")


async def keep(content: bytes, caption: Words | None = None, *, channel: str, sender: str) -> Message:
    """Make a photo anew and keep it for a report of `sender`; the message that tells the assistant of it.

    Raises:
        BadMessage: it is too big, no photo or damaged; the message is for people.
    """
    work = asyncio.get_running_loop().run_in_executor(_MAKERS, _keep, content, channel, sender)
    try:
        photo = {"photo": {"id": await work}}
    except BadInput as error:
        raise BadMessage("bad_photo", str(error), 415) from None
    if caption is None:
        return Message(INTENT, PHOTO_MARK, photo)
    return Message(caption.text, f"{PHOTO_MARK} {caption.text}", photo, cut=caption.cut)


def _keep(content: bytes, channel: str, sender: str) -> int:
    photo = photos.reencode(content)
    with session_scope() as session:
        return attachments.keep(
            session,
            Kept(NAME, photos.CONTENT_TYPE, photo.jpeg),
            channel=channel,
            sender=sender,
            now=clock.now(),
        )
