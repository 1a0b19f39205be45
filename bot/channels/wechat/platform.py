"""One official account: safe mode, the customer-service messages, photos."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from datetime import datetime, timedelta
from urllib.parse import urlsplit

import httpx
from wechatpy.crypto import WeChatCrypto
from wechatpy.replies import TextReply

from bot.channels.courier import Undeliverable, WindowClosed
from bot.channels.ledger import Windows
from bot.channels.model import BadMessage, Message, Photo, Press, Received
from bot.channels.tencent.api import TIMEOUT, download
from bot.channels.tencent.envelope import Envelope, Query, plain_text
from bot.channels.tencent.platform import Platform, media_of, send_with
from bot.channels.wechat.api import WeChatApi, api_of
from bot.channels.wechat.messages import menu_message, parse_fields
from bot.errors import BadInput
from bot.settings import Settings

AFTER_WORDS = (timedelta(hours=48), 5)  # how long, and how many messages, after what a person did
AFTER_CLICK = (timedelta(minutes=1), 3)
PICTURE_HOSTS = (".qpic.cn", ".qlogo.cn")
_GONE = {40003, 43004}  # no such openid, does not follow the account
_CLOSED = {45015, 45047}  # the time, or the number of messages, is used up
_NOT_ALLOWED = 48001  # the account may not use this interface: it is not verified
_NOT_WANTED = 48002  # the person lets no messages of the account through
_NO_KEY = "0" * 43  # nothing is encrypted with it

logger = logging.getLogger(__name__)


class WeChat(Platform):
    """An official account.

    Args:
        plain: take unencrypted messages, whose signature leaves out the text: for a trial only.
    """

    channel = "wechat"
    nothing = "success"

    def __init__(
        self, *, token: str, app_id: str, aes_key: str, api: WeChatApi | None, plain: bool = False
    ) -> None:
        self.api = api
        self._envelope = Envelope(token, WeChatCrypto(token, aes_key, app_id))
        self._plain = plain
        self._may_push = api is not None

    @property
    def can_push(self) -> bool:
        """Until the platform says that the account may not."""
        return self._may_push

    def echo(self, query: Query) -> str:
        """The `echostr` itself."""
        self._envelope.check(query.signature, query.timestamp, query.nonce)
        return query.echostr

    def open(self, body: bytes, query: Query) -> str:
        """The XML of a message."""
        if self._plain:
            self._envelope.check(query.signature, query.timestamp, query.nonce)
            return body.decode("utf-8", "replace")
        if query.encrypt_type != "aes":
            raise BadMessage(
                "not_encrypted", "only encrypted messages are taken. Set the account to safe mode.", 403
            )
        return self._envelope.open(body, query)

    def parse(self, given: Mapping[str, str]) -> Received | None:
        """See `bot.channels.wechat.messages`."""
        return parse_fields(given)

    def reply(self, text: str, *, given: Mapping[str, str]) -> str:
        """The answer as XML, encrypted where the message was."""
        answer = TextReply(
            source=given["ToUserName"], target=given["FromUserName"], content=plain_text(text)
        ).render()
        return answer if self._plain else self._envelope.seal(answer)

    def windows(self, received: Received, now: datetime) -> Windows:
        """48 hours and 5 messages after words, a minute and 3 after a click or a subscription."""
        time, pushes = AFTER_CLICK if isinstance(received.sent, Press) else AFTER_WORDS
        return Windows(now + time, pushes)

    async def send(self, address: str, text: str) -> None:
        """A customer-service message."""
        if self.api is None:
            raise WindowClosed("no AppSecret is set")
        payload = {"touser": address, "msgtype": "text", "text": {"content": text}}
        try:
            await send_with(
                self.api, "/cgi-bin/message/custom/send", payload, gone=_GONE,
                closed={*_CLOSED, _NOT_ALLOWED, _NOT_WANTED},
            )  # fmt: skip
        except WindowClosed as closed:
            self.refused = self.refused or str(_NOT_WANTED) in str(closed) or str(_NOT_ALLOWED) in str(closed)
            if str(_NOT_ALLOWED) in str(closed) and self._may_push:
                logger.error("wechat: errcode 48001: the account may not send customer-service messages; answers within requests only")  # fmt: skip
                self._may_push = False
            raise

    async def fetch(self, photo: Photo) -> bytes:
        """The photo from the store of the account, else from the address that WeChat gave."""
        media_id, _, address = photo.reference.partition(" ")
        if self.api is not None and media_id and not media_id.startswith("http"):
            return await media_of(self.api, "/cgi-bin/media/get", media_id)
        return await _picture(address or media_id)

    def menu_message(self, key: str, language: str) -> Message | None:
        """See `bot.channels.wechat.messages`."""
        return menu_message(key, language)


def configured(conf: Settings) -> WeChat | None:
    """The account of the settings; None where there is none.

    Raises:
        BadInput: something is missing or wrong.
    """
    if not (conf.wechat_token or conf.wechat_app_id or conf.wechat_aes_key):
        return None
    if conf.wechat_mode not in ("safe", "plain"):
        raise BadInput("WUCHANG_WECHAT_MODE 只能是 safe 或 plain。")
    # A test account (接口测试号) has no EncodingAESKey.
    aes_key = conf.wechat_aes_key or (_NO_KEY if conf.wechat_mode == "plain" else "")
    if not (conf.wechat_token and conf.wechat_app_id and aes_key):
        raise BadInput(
            "微信公众号要设 WUCHANG_WECHAT_TOKEN、WUCHANG_WECHAT_APP_ID、WUCHANG_WECHAT_AES_KEY 三项，现在缺。"
        )
    if conf.wechat_mode == "plain":
        logger.warning(
            "wechat: plain mode: whoever knows the token's owner can forge messages; use it for a trial only"
        )
    try:
        return WeChat(
            token=conf.wechat_token, app_id=conf.wechat_app_id, aes_key=aes_key, api=api_of(conf),
            plain=conf.wechat_mode == "plain",
        )  # fmt: skip
    except (ValueError, AssertionError):
        raise BadInput(
            "WUCHANG_WECHAT_AES_KEY 不是 43 个字符的 EncodingAESKey，请从公众号后台重新抄。"
        ) from None


async def _picture(address: str) -> bytes:
    """A picture of WeChat's own hosts; no other address is asked, whoever wrote it.

    Raises:
        BadMessage: it cannot be had.
    """
    if not _of_wechat(address):
        raise BadMessage("no_media", "the photo is on no host of WeChat's.")
    try:
        async with httpx.AsyncClient(timeout=TIMEOUT) as client:
            return (await download(client, address))[0]
    except Undeliverable as error:
        raise BadMessage("no_media", f"the photo cannot be had: {error}") from None


def _of_wechat(address: str) -> bool:
    try:
        parted = urlsplit(address)
        usual = parted.port in (None, 80, 443)
    except ValueError:
        return False
    host = (parted.hostname or "").lower()
    return usual and parted.scheme in ("http", "https") and host.endswith(PICTURE_HOSTS)
