"""WeCom as a Rasa channel. In credentials.yml: ``bot.channels.wecom.channel.WeComChannel:``.

Rasa mounts it at ``/webhooks/wecom``; routes and refusals: `bot.channels.tencent.service`.
"""

from __future__ import annotations

import logging
from typing import Any

from bot.channels.tencent.service import TencentChannel
from bot.channels.wecom.platform import WeCom, configured
from bot.errors import BadInput
from bot.settings import settings

logger = logging.getLogger(__name__)


class WeComChannel(TencentChannel):
    """Without settings it has no route; with wrong ones neither, and the log says why."""

    @classmethod
    def name(cls) -> str:
        """The channel's name in Rasa and in the database, and its place in the address."""
        return "wecom"

    @classmethod
    def from_credentials(cls, credentials: dict[str, Any] | None) -> WeComChannel:
        """The app of the settings (nothing of it stands in credentials.yml)."""
        return cls(_of_settings())


def _of_settings() -> WeCom | None:
    try:
        return configured(settings())
    except BadInput as error:
        logger.error("wecom: %s", error)
        return None
