"""Everything that can be configured, in one table.

Each setting is an environment variable (a ``.env`` file in the project's root is read too; the
environment wins). ``wuchang settings`` prints this table, and docs/operations.md holds the same
rows: a test compares the two.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field, fields
from functools import lru_cache
from pathlib import Path

from bot.errors import BadInput

ROOT = Path(__file__).resolve().parent.parent
EVERYWHERE = "0.0.0.0"  # noqa: S104  (compared with, not bound to)


def _setting(default: str, doc: str) -> str:
    return field(default=default, metadata={"doc": doc})  # type: ignore[no-any-return]


@dataclass(frozen=True)
class Settings:
    """One installation's settings; the field ``host`` is read from ``WUCHANG_HOST``, and so on."""

    database_url: str = _setting("sqlite:///var/wuchang.db", "SQLAlchemy address of the database")
    tracker_url: str = _setting("", "address of the conversation store; empty: the same database")
    host: str = _setting("127.0.0.1", "address that Rasa and the web chat listen on")
    port: str = _setting("5005", "port of the web chat and the REST channel")
    action_host: str = _setting("127.0.0.1", "address that the action server listens on; keep it private")
    action_port: str = _setting("5055", "port of the action server")
    timezone: str = _setting("", "time zone of all times, e.g. Asia/Shanghai; empty: the machine's own")
    web_url: str = _setting("", "public address of the web chat, where a proxy stands in front")
    secure_cookie: str = _setting("0", "1: the chat's cookie is only sent over HTTPS (set it behind a proxy)")
    water_company_phone: str = _setting("", "phone of the county water company, told in emergencies")
    office_phone: str = _setting("", "phone of the office that people can call instead of chatting")
    supply_area: str = _setting(
        "", "townships inside the county town's water supply (plan 1.4), with commas; empty: not known"
    )
    data_key: str = _setting(
        "",
        "key that phones, names, words and accounts of people are encrypted with (wuchang key makes one); empty: var/data.key",
    )
    telegram_token: str = _setting("", "token of the Telegram bot from @BotFather; empty: no Telegram")
    telegram_mode: str = _setting(
        "poll",
        "poll: the assistant asks Telegram for messages; webhook: Telegram calls the assistant's address",
    )
    telegram_secret: str = _setting(
        "", "what Telegram sends along with each webhook call; empty: made from the data key"
    )
    telegram_proxy: str = _setting("", "proxy on the way to Telegram, e.g. http://127.0.0.1:7890")
    telegram_api: str = _setting(
        "https://api.telegram.org", "address of the Bot API, where the office runs one of its own"
    )
    wechat_token: str = _setting(
        "", "WeChat official account: token of its server settings; empty: no such channel"
    )
    wechat_app_id: str = _setting("", "WeChat official account: AppID")
    wechat_aes_key: str = _setting("", "WeChat official account: EncodingAESKey, 43 characters")
    wechat_app_secret: str = _setting(
        "",
        "WeChat official account: AppSecret; empty: an account that may not write by itself (not verified)",
    )
    wechat_mode: str = _setting(
        "safe", "WeChat official account: safe (encrypted), or plain for a trial without"
    )
    wechat_api_url: str = _setting("https://api.weixin.qq.com", "address of WeChat's web service")
    wecom_token: str = _setting("", "WeCom: token of the app's message reception; empty: no such channel")
    wecom_corp_id: str = _setting("", "WeCom: corp id of the office")
    wecom_aes_key: str = _setting("", "WeCom: EncodingAESKey of the app, 43 characters")
    wecom_secret: str = _setting("", "WeCom: secret of the app; empty: it answers only within a request")
    wecom_agent_id: str = _setting("", "WeCom: AgentId of the app, a number")
    wecom_api_url: str = _setting("https://qyapi.weixin.qq.com", "address of WeCom's web service")
    desk_host: str = _setting(
        "127.0.0.1", "address that the incident desk listens on; only a proxy makes it public"
    )
    desk_port: str = _setting("5065", "port of the incident desk; 0: wuchang serve starts none")
    desk_url: str = _setting(
        "",
        "address that staff call the desk by; with https:// its cookie is only sent over HTTPS; empty: host and port",
    )
    desk_proxies: str = _setting(
        "127.0.0.1", "addresses of the proxies whose word on a caller's address the desk takes, with commas"
    )
    desk_idle_minutes: str = _setting(
        "30", "minutes without a click after which the desk asks to log in again"
    )
    desk_tiles: str = _setting(
        "", "map tiles of the desk, e.g. https://tiles.example/{z}/{x}/{y}.png; empty: its own outline"
    )
    public_url: str = _setting(
        "", "public address of the desk's pages for everybody (/public/, /open311/); empty: that of the desk"
    )
    public_name: str = _setting(
        "",
        "who gives the news on the public page and in the CAP feed, e.g. 衡南县自来水有限公司; empty: 屋场助手",
    )
    tracker_events: str = _setting("60", "how many events of a conversation are kept in mind")

    @property
    def local_host(self) -> str:
        """The address of `host` on this machine; one that stands for all interfaces cannot be called."""
        return "127.0.0.1" if self.host in (EVERYWHERE, "::") else self.host

    @property
    def chat_url(self) -> str:
        """The address of the web chat for people, with its last slash."""
        return (self.web_url or f"http://{self.local_host}:{self.port}/webhooks/web").rstrip("/") + "/"

    @property
    def desk_address(self) -> str:
        """The address of the desk for staff, with its last slash."""
        host = "127.0.0.1" if self.desk_host in (EVERYWHERE, "::") else self.desk_host
        return (self.desk_url or f"http://{host}:{self.desk_port}").rstrip("/") + "/"

    @property
    def supply_townships(self) -> tuple[str, ...]:
        """Townships of `supply_area` as a tuple."""
        return tuple(part.strip() for part in self.supply_area.replace("，", ",").split(",") if part.strip())


ENVIRONMENT_NAMES = {f.name: f"WUCHANG_{f.name.upper()}" for f in fields(Settings)}
# DATABASE_URL is the name that hosting tools use; our own name wins over it.
_ALSO = {"database_url": "DATABASE_URL"}
_NUMBERS = {
    "port": int, "action_port": int, "tracker_events": int, "desk_port": int, "desk_idle_minutes": int,
}  # fmt: skip


def read_env_file(path: Path) -> dict[str, str]:
    """``NAME=value`` lines of a .env file; blank lines and ``#`` lines are passed over."""
    if not path.is_file():
        return {}
    pairs = (line.split("=", 1) for line in path.read_text(encoding="utf-8-sig").splitlines() if "=" in line)
    return {
        name.strip(): value.strip().strip("\"'") for name, value in pairs if not name.lstrip().startswith("#")
    }


def load(environment: dict[str, str]) -> Settings:
    """Settings from a mapping of environment variables.

    Raises:
        BadInput: a number is no number.
    """
    given: dict[str, str] = {}
    for name, variable in ENVIRONMENT_NAMES.items():
        value = environment.get(variable) or environment.get(_ALSO.get(name, ""), "")
        if not value:
            continue
        if name in _NUMBERS:
            try:
                _NUMBERS[name](value)
            except ValueError:
                raise BadInput(
                    f"{variable}={value!r} is not a number. Mend it in .env or the environment."
                ) from None
        given[name] = value
    return Settings(**given)


@lru_cache(maxsize=1)
def settings() -> Settings:
    """This process's settings, read once."""
    return load({**read_env_file(ROOT / ".env"), **os.environ})


def rows() -> list[tuple[str, str, str]]:
    """(variable, default, meaning) of every setting, for the docs and ``wuchang settings``."""
    return [(ENVIRONMENT_NAMES[f.name], str(f.default), f.metadata["doc"]) for f in fields(Settings)]
