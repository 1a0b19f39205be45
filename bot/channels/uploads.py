"""A file that a person sends, from bytes to a message for the assistant. What it is for is decided elsewhere.

The message is the intent `review_draft`, which people cannot type (a leading slash is taken away), or, with words under
the file, those words as if they had been typed; both have ``{"draft": {"token", "name"}}`` as metadata: the token of
`bot/storage/uploads.py`, never a path.
The web chat streams a body (`received`, and `photo` for `bot.channels.pictures`); a channel that has the bytes
already uses `keep`.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

from sanic.exceptions import PayloadTooLarge
from sanic.request import Request

from bot import photos, textfiles
from bot.channels.model import BadMessage, Message, Words, clean
from bot.errors import BadInput
from bot.storage import uploads

INTENT = "/review_draft"
FILE_MARK = "[文件]"
MAX_AT_ONCE = 8  # of one process, one a sender; each may take 20 MB of disk
MAX_NAME = 80
DRAINED = 5 * 1024 * 1024  # beyond the limit
RECEIVE_SECONDS = 150  # for the whole of a file
# So that who sends next to nothing keeps nobody else out: after the grace, bytes a second on the average.
GRACE_SECONDS, PACE = 10.0, 8 * 1024


@dataclass(frozen=True)
class HandedIn:
    """A stored file: its token, and its name for people."""

    token: str
    name: str

    @property
    def message(self) -> Message:
        """The message for the assistant."""
        return self.message_with(None)

    def message_with(self, caption: Words | None) -> Message:
        """The message for the assistant; `caption` is what was written under the file."""
        metadata, shown = {"draft": {"token": self.token, "name": self.name}}, f"{FILE_MARK} {self.name}"
        if caption is None:
            return Message(INTENT, shown, metadata)
        return Message(caption.text, f"{shown} {caption.text}", metadata, cut=caption.cut)


def keep(name: str, content: bytes) -> HandedIn:
    """Store a file whose bytes are there. The caller discards it (`bot.storage.uploads.discard`) after the answer.

    Raises:
        BadMessage: it is too big, empty, or not of a kind that can be read; the message is for people.
    """
    handed_in = _named(name)
    if len(content) > textfiles.MAX_BYTES:
        raise _too_large(handed_in.name, len(content))
    path = uploads.path_to_write(handed_in.token)
    path.write_bytes(content)
    _check(path, handed_in)
    return handed_in


class Uploads:
    """The uploads of one process, a few at a time and one of each sender."""

    def __init__(self) -> None:
        self._senders: set[str] = set()

    @asynccontextmanager
    async def received(self, request: Request, sender: str) -> AsyncIterator[HandedIn]:
        """Store the body of a request, whose `name` is in the query; thrown away at the end.

        Raises:
            BadMessage: as `keep`; or too many at once (429); or too slow (408).
        """
        handed_in = _named(str(request.args.get("name") or ""))
        with self._place(sender):
            try:
                path = uploads.path_to_write(handed_in.token)
                with path.open("wb") as file:
                    size = await _heard(request, file.write, textfiles.MAX_BYTES)
                if size > textfiles.MAX_BYTES:
                    raise _too_large(handed_in.name, size)
                await asyncio.get_running_loop().run_in_executor(None, _check, path, handed_in)
                yield handed_in
            finally:
                uploads.discard(handed_in.token)

    @asynccontextmanager
    async def photo(self, request: Request, sender: str) -> AsyncIterator[bytes]:
        """The body of a request that brings a photo; it counts as running until it was made anew.

        Raises:
            BadMessage: it is too big or too slow, or too many come at once; the message is for people.
        """
        with self._place(sender):
            content = BytesIO()
            size = await _heard(request, content.write, photos.MAX_BYTES)
            if size > photos.MAX_BYTES:
                raise BadMessage("too_large", str(photos.too_big(size)), 413)
            yield content.getvalue()

    @contextmanager
    def _place(self, sender: str) -> Iterator[None]:
        self._check_room(sender)
        self._senders.add(sender)
        try:
            yield
        finally:
            self._senders.discard(sender)

    def _check_room(self, sender: str) -> None:
        if sender in self._senders:
            raise BadMessage("too_many", "您的上一份文件还在看，请等看完了再发。", 429)
        if len(self._senders) >= MAX_AT_ONCE:
            raise BadMessage("too_many", "别人也在发文件，请过一会儿再发。", 429)


async def _heard(request: Request, write: Callable[[bytes], object], limit: int) -> int:
    """Hand a body on, piece by piece and nothing beyond `limit` bytes; how large it is.

    A body that is a little too large is heard to its end, for a browser that is cut off shows no answer.

    Raises:
        BadMessage: it comes too slowly.
    """
    request.stream.request_max_size = limit + DRAINED
    size = 0
    try:
        async for piece in _pieces(request):
            size += len(piece)
            if size <= limit:
                write(piece)
    except PayloadTooLarge:
        size = max(size, int(request.headers.get("content-length") or 0), limit + DRAINED)
    return size


async def _pieces(request: Request) -> AsyncIterator[bytes]:
    """The pieces of a body that keeps up the pace; each byte that has come buys a little more time."""
    now = asyncio.get_running_loop().time
    begun, size = now(), 0
    while True:
        until = begun + min(GRACE_SECONDS + size / PACE, RECEIVE_SECONDS)
        try:
            piece = await asyncio.wait_for(request.stream.read(), until - now())
        except asyncio.TimeoutError:
            request.stream.request_max_size = 0  # what is still to come is not waited for
            raise BadMessage("too_slow", "网络太慢，文件没有收全。请换个网络再发。", 408) from None
        if piece is None:
            return
        size += len(piece)
        yield piece


def _named(name: str) -> HandedIn:
    shown = clean(name.replace("\\", "/").rsplit("/", 1)[-1]).replace("\n", " ")
    suffix = Path(shown).suffix
    shown = shown if len(shown) <= MAX_NAME else shown[: MAX_NAME - len(suffix)] + suffix
    try:
        textfiles.check_name(shown)
    except BadInput as error:
        raise BadMessage("wrong_kind", str(error), 415) from None
    return HandedIn(uploads.new_token(suffix), shown)


def _check(path: Path, handed_in: HandedIn) -> None:
    try:
        textfiles.check_file(path, handed_in.name)
    except BadInput as error:
        uploads.discard(handed_in.token)
        raise BadMessage("bad_file", str(error), 415) from None


def _too_large(name: str, size: int) -> BadMessage:
    return BadMessage("too_large", str(textfiles.too_big(name, size)), 413)
