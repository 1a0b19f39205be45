"""Passwords: kept as argon2id, and checked with the same work whoever it is."""

from __future__ import annotations

import threading
from functools import lru_cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from bot.errors import BadInput

SHORTEST, LONGEST = 10, 256
# OWASP's smaller choice: 19 MB and two rounds, for this is a small machine ...
_HASHER = PasswordHasher(time_cost=2, memory_cost=19456, parallelism=1)
# ... and one at a time, so that a crowd at the door costs time alone.
_ONE = threading.Lock()


def hashed(password: str) -> str:
    """What is stored of a password."""
    with _ONE:
        return _HASHER.hash(password)


def is_right(password: str, stored: str | None) -> bool:
    """Whether `password` is the one that `stored` was made of; without one it takes as long and is wrong."""
    with _ONE:
        try:
            return _HASHER.verify(stored or _nobodys(), password[: LONGEST + 1]) and stored is not None
        except (VerificationError, InvalidHashError):
            return False


def check_new(password: str, name: str) -> None:
    """Look whether a new password will do.

    Raises:
        BadInput: it is short, hardly more than one character, or holds the user's name.
    """
    if len(password) < SHORTEST:
        raise BadInput(f"口令太短：至少 {SHORTEST} 个字符，用一句只有您记得的话最好。")
    if len(password) > LONGEST:
        raise BadInput(f"口令太长：最多 {LONGEST} 个字符。")
    if len(set(password)) < 5:
        raise BadInput("口令太简单：至少要有 5 个不同的字符。")
    if name.lower() in password.lower():
        raise BadInput("口令里不要有用户名。")


@lru_cache(maxsize=1)
def _nobodys() -> str:
    return _HASHER.hash("nobody has this password")
