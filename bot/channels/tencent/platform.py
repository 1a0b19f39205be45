"""What a platform of Tencent has of its own; `bot.channels.tencent.service` does the rest."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from bot.channels.courier import TryLater, Undeliverable, WindowClosed
from bot.channels.ledger import Windows
from bot.channels.model import BadMessage, Message, Photo, Received
from bot.channels.tencent.api import Api, ApiError
from bot.channels.tencent.envelope import Query

SYSTEM_BUSY = {-1, 45009, 45011, 45033}  # too many calls, or trouble of their own


class Platform(ABC):
    """One account of one platform.

    Attributes:
        channel: the name in domain.yml, in the database, and in the address.
        nothing: the body that says "no answer now".
        api: its web service; None where the account answers only within the platform's own requests.
        refused: the platform did not take a message and will not; what waits goes with the person's next answer.
    """

    channel: str
    nothing: str
    api: Api | None
    refused: bool = False

    @property
    def can_push(self) -> bool:
        """Whether messages can be sent outside the platform's requests."""
        return self.api is not None

    @abstractmethod
    def echo(self, query: Query) -> str:
        """The answer to the check of the address. `BadMessage` where the signature is wrong."""

    @abstractmethod
    def open(self, body: bytes, query: Query) -> str:
        """The XML of a message. `BadMessage` where anything is wrong."""

    @abstractmethod
    def parse(self, given: Mapping[str, str]) -> Received | None:
        """The message of its fields; None where nobody is to be answered. `BadMessage` where it is broken."""

    @abstractmethod
    def reply(self, text: str, *, given: Mapping[str, str]) -> str:
        """The body that answers the message `given` with `text`."""

    @abstractmethod
    def windows(self, received: Received, now: datetime) -> Windows:
        """What may be sent to the person by itself after this message."""

    @abstractmethod
    async def send(self, address: str, text: str) -> None:
        """Send a text. Raises as `Courier`'s `send`."""

    @abstractmethod
    async def fetch(self, photo: Photo) -> bytes:
        """The bytes of a photo. `BadMessage` where they cannot be had."""

    def menu_message(self, key: str, language: str) -> Message | None:
        """What a menu's key stands for; None where it is none of ours."""
        return None


async def send_with(
    api: Api, path: str, payload: Mapping[str, Any], *, gone: Collection[int], closed: Collection[int] = ()
) -> Mapping[str, Any]:
    """Send a message; the errors in `gone` mean that the person is, those in `closed` that their window is.

    Raises:
        TryLater, Undeliverable, WindowClosed: why not.
    """
    try:
        return await api.post(path, payload)
    except ApiError as error:
        reason = str(error)
        if error.code in SYSTEM_BUSY:
            raise TryLater(reason, 30, counts=False) from None
        if error.code in closed:
            raise WindowClosed(f"{reason}: they have to write first") from None
        raise Undeliverable(reason, unreachable=error.code in gone) from None


async def media_of(api: Api, path: str, media_id: str) -> bytes:
    """The bytes of a photo, from the platform's store.

    Raises:
        BadMessage: they cannot be had.
    """
    try:
        return await api.get_media(path, media_id)
    except (ApiError, TryLater, Undeliverable) as error:
        raise BadMessage("no_media", f"the photo cannot be had: {error}") from None
