"""Columns that are encrypted: a copy of the database tells nobody whose they are.

The key is `WUCHANG_DATA_KEY`, or a file that the first start makes (`var/data.key`, for the owner alone). Without it
what is sealed cannot be read by anybody, so it is kept with the backup, never in it.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import lru_cache
from pathlib import Path
from typing import Any

from cryptography.fernet import Fernet, InvalidToken
from sqlalchemy import Text
from sqlalchemy.types import TypeDecorator

from bot.errors import BadInput, WuchangError
from bot.settings import ROOT, settings

KEY_FILE = ROOT / "var" / "data.key"
# A Fernet token: version 128, then a time whose first bytes are zero until the year 2106, then two blocks at least.
_TOKEN = re.compile(r"gAAAAA[A-Za-z0-9_-]{92,}={0,2}")


UNREADABLE = "（打不开）"
_goes_on = ContextVar("_goes_on", default=False)


@contextmanager
def going_on() -> Iterator[None]:
    """Within it a column that cannot be opened is read as `UNREADABLE`: one row must not cost a whole listing."""
    token = _goes_on.set(True)
    try:
        yield
    finally:
        _goes_on.reset(token)


class Sealed(TypeDecorator):  # type: ignore[type-arg]
    """Text that is encrypted in the database (Fernet: AES-128-CBC with HMAC-SHA256) and plain in the program."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Any) -> str | None:
        """Encrypt."""
        return None if value is None else seal(value)

    def process_result_value(self, value: str | None, dialect: Any) -> str | None:
        """Decrypt."""
        return None if value is None else _opened(value, UNREADABLE)


class SealedJson(TypeDecorator):  # type: ignore[type-arg]
    """A JSON value that is encrypted in the database and plain in the program; to change it, assign a new one."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Any) -> str | None:
        """Encrypt."""
        return None if value is None else seal(json.dumps(value, ensure_ascii=False))

    def process_result_value(self, value: str | None, dialect: Any) -> Any:
        """Decrypt."""
        return None if value is None else json.loads(_opened(value, json.dumps(UNREADABLE)))


def _opened(token: str, instead: str) -> str:
    try:
        return unseal(token)
    except WuchangError:
        if _goes_on.get():
            return instead
        raise


def seal(text: str) -> str:
    """`text` encrypted, as ASCII; another result each time."""
    return _fernet(data_key()).encrypt(text.encode("utf-8", "replace")).decode("ascii")


def unseal(token: str) -> str:
    """The text of a token.

    Raises:
        WuchangError: it was sealed with another key, or changed.
    """
    try:
        return _fernet(data_key()).decrypt(token.encode("ascii")).decode("utf-8")
    except (InvalidToken, UnicodeEncodeError):
        raise WuchangError(
            "加密的数据打不开：WUCHANG_DATA_KEY（或 var/data.key）不是当初的那一把钥匙。请把原来的钥匙放回去。"
        ) from None


def is_sealed(text: str) -> bool:
    """Whether `text` is a token of `seal`, of whatever key."""
    return _TOKEN.fullmatch(text) is not None


def fingerprint(purpose: str, text: str) -> str:
    """32 hexadecimal digits that stand for `text` and cannot be turned back without the key."""
    return keyed_hash(purpose, text)[:32]


def keyed_hash(purpose: str, text: str) -> str:
    """64 hexadecimal digits (HMAC-SHA256) that nobody can make for another `text` without the key."""
    key = hashlib.sha256(b"wuchang " + purpose.encode() + data_key()).digest()
    return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()


def phone_fingerprint(phone: str) -> str:
    """What a phone number is found by without being readable; dashes and spaces make no difference."""
    return fingerprint("phone", re.sub(r"\D", "", phone))


def new_key() -> str:
    """A key for `WUCHANG_DATA_KEY`: 44 characters."""
    return Fernet.generate_key().decode("ascii")


def data_key() -> bytes:
    """The key of this installation, made at the first use where none is configured.

    Raises:
        WuchangError: none is there, but the database holds what was sealed with one.
    """
    return settings().data_key.encode() or _key_of_file(KEY_FILE)


def is_at_hand() -> bool:
    """Whether there is a key already, of whatever worth."""
    return bool(settings().data_key) or KEY_FILE.exists()


def check_form() -> None:
    """Look whether the key is one at all.

    Raises:
        BadInput: it is not.
    """
    _fernet(data_key())


@lru_cache(maxsize=4)
def _key_of_file(path: Path) -> bytes:
    if path.exists():
        return path.read_bytes().strip()
    from bot.storage import keycheck  # which needs this module

    keycheck.refuse_new_key()
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        # Written whole under another name, then linked: two processes that start together agree on one.
        fresh = path.with_name(f"{path.name}.{os.getpid()}")
        fresh.touch(mode=0o600)
        fresh.write_text(new_key())
        os.link(fresh, path)
    except FileExistsError:
        pass
    finally:
        fresh.unlink(missing_ok=True)
    return path.read_bytes().strip()


@lru_cache(maxsize=4)
def _fernet(key: bytes) -> Fernet:
    try:
        return Fernet(key)
    except ValueError:
        raise BadInput(
            "WUCHANG_DATA_KEY（或 var/data.key）不是一把有效的钥匙：要 44 个字符。"
            "已经有数据的，请把原来的钥匙放回去；新装的，用 wuchang key 生成一把。"
        ) from None
