"""One app of WeCom: encrypted messages, messages of the app, photos."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from wechatpy.enterprise.crypto import WeChatCrypto
from wechatpy.enterprise.replies import TextReply

from bot.channels.courier import Undeliverable, WindowClosed
from bot.channels.ledger import Windows
from bot.channels.model import BadMessage, Photo, Received
from bot.channels.tencent.api import Api
from bot.channels.tencent.envelope import Envelope, Query, plain_text
from bot.channels.tencent.platform import Platform, media_of, send_with
from bot.channels.wecom.messages import parse_fields
from bot.errors import BadInput
from bot.settings import Settings

_GONE = {60111, 81013}  # no such member, or not allowed to use the app


class WeComApi(Api):
    """The web service of WeCom."""

    def __init__(self, base_url: str, corp_id: str, secret: str) -> None:
        super().__init__(base_url)
        self._corp_id = corp_id
        self._secret = secret

    async def token_answer(self, *, again: bool) -> Mapping[str, Any]:
        """The app's token; asked for again too soon it is the same one."""
        return await self.request(
            "GET", "/cgi-bin/gettoken", params={"corpid": self._corp_id, "corpsecret": self._secret}
        )


class WeCom(Platform):
    """An app of the office's WeCom."""

    channel = "wecom"
    nothing = ""

    def __init__(
        self, *, token: str, corp_id: str, aes_key: str, agent_id: int, api: WeComApi | None
    ) -> None:
        self.api = api
        self._envelope = Envelope(token, WeChatCrypto(token, aes_key, corp_id))
        self._agent_id = agent_id

    def echo(self, query: Query) -> str:
        """What the encrypted `echostr` holds."""
        return self._envelope.echo(query)

    def open(self, body: bytes, query: Query) -> str:
        """The XML of a message."""
        return self._envelope.open(body, query)

    def parse(self, given: Mapping[str, str]) -> Received | None:
        """See `bot.channels.wecom.messages`; a message to another app is refused."""
        if given.get("AgentID", "") != str(self._agent_id):
            raise BadMessage("other_app", "this message is for another app. Check the AgentId.", 403)
        return parse_fields(given)

    def reply(self, text: str, *, given: Mapping[str, str]) -> str:
        """The answer, encrypted."""
        return self._envelope.seal(
            TextReply(
                source=given["ToUserName"],
                target=given["FromUserName"],
                agent=self._agent_id,
                content=plain_text(text),
            ).render()
        )

    def windows(self, received: Received, now: datetime) -> Windows:
        """An app may write to its members whenever it wants."""
        return Windows()

    async def send(self, address: str, text: str) -> None:
        """A message of the app."""
        if self.api is None:
            raise WindowClosed("no secret is set")
        payload = {"touser": address, "msgtype": "text", "agentid": self._agent_id, "text": {"content": text}}
        answer = await send_with(self.api, "/cgi-bin/message/send", payload, gone=_GONE)
        if answer.get("invaliduser"):
            raise Undeliverable("invaliduser: no member that may use the app", unreachable=True)

    async def fetch(self, photo: Photo) -> bytes:
        """The photo from the store of the office."""
        media_id = photo.reference.partition(" ")[0]
        if self.api is None or not media_id or media_id.startswith("http"):
            raise BadMessage("no_media", "without a secret no photo can be had.")
        return await media_of(self.api, "/cgi-bin/media/get", media_id)


def configured(conf: Settings) -> WeCom | None:
    """The app of the settings; None where there is none.

    Raises:
        BadInput: something is missing or wrong.
    """
    wanted = (conf.wecom_token, conf.wecom_corp_id, conf.wecom_aes_key, conf.wecom_agent_id)
    if not any(wanted):
        return None
    if not all(wanted) or not conf.wecom_agent_id.isdecimal():
        raise BadInput(
            "企业微信要设 WUCHANG_WECOM_TOKEN、WUCHANG_WECOM_CORP_ID、WUCHANG_WECOM_AES_KEY 和数字的 WUCHANG_WECOM_AGENT_ID，现在缺或者不对。"
        )
    api = None
    if conf.wecom_secret:
        api = WeComApi(conf.wecom_api_url, conf.wecom_corp_id, conf.wecom_secret)
    try:
        return WeCom(
            token=conf.wecom_token, corp_id=conf.wecom_corp_id, aes_key=conf.wecom_aes_key,
            agent_id=int(conf.wecom_agent_id), api=api,
        )  # fmt: skip
    except (ValueError, AssertionError):
        raise BadInput(
            "WUCHANG_WECOM_AES_KEY 不是 43 个字符的 EncodingAESKey，请从企业微信后台重新抄。"
        ) from None
