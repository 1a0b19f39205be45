"""The web service of official accounts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.channels.courier import TryLater, Undeliverable
from bot.channels.tencent.api import Api, ApiError
from bot.errors import BadInput
from bot.settings import Settings


class WeChatApi(Api):
    """One account's calls."""

    def __init__(self, base_url: str, app_id: str, secret: str) -> None:
        super().__init__(base_url)
        self._app_id = app_id
        self._secret = secret

    async def token_answer(self, *, again: bool) -> Mapping[str, Any]:
        """A stable token, which other programs of the account may hold too; forced anew only where it was refused."""
        asked = {"grant_type": "client_credential", "appid": self._app_id, "secret": self._secret}
        return await self.request("POST", "/cgi-bin/stable_token", json={**asked, "force_refresh": again})


def api_of(conf: Settings) -> WeChatApi | None:
    """The web service of the settings; None without an AppSecret."""
    if not (conf.wechat_app_secret and conf.wechat_app_id):
        return None
    return WeChatApi(conf.wechat_api_url, conf.wechat_app_id, conf.wechat_app_secret)


async def create_menu(api: WeChatApi, payload: Mapping[str, Any]) -> None:
    """Create the menu under the chat, in place of what is there; `api` is closed then.

    Raises:
        BadInput: the platform refused, or cannot be reached.
    """
    try:
        await api.post("/cgi-bin/menu/create", payload)
    except (ApiError, TryLater, Undeliverable) as error:
        raise BadInput(
            f"菜单没有建成：{error}。请核对 AppID、AppSecret，和公众号后台的 IP 白名单。"
        ) from None
    finally:
        await api.close()
