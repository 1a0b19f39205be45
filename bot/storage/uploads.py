"""Files that people hand in: kept under a random name until they were read, then thrown away.

The name of a person's file never becomes a path: what goes around is a token that nobody can guess.
"""

from __future__ import annotations

import re
import secrets
import time
from pathlib import Path

from bot.errors import NotFound
from bot.settings import ROOT

FOLDER = ROOT / "var" / "uploads"
KEPT_SECONDS = 3600  # what a fallen process left behind goes after this
_TOKEN = re.compile(r"[0-9a-f]{32}\.[a-z]{2,4}")


def new_token(suffix: str) -> str:
    """A token for a file of this kind (".docx"): 128 random bits and the suffix."""
    return secrets.token_hex(16) + suffix.lower()


def path_to_write(token: str) -> Path:
    """Where to put the file of a new token; the folder is made, and what is old in it thrown away."""
    FOLDER.mkdir(parents=True, exist_ok=True, mode=0o700)
    _sweep()
    return FOLDER / token


def path_of(token: object) -> Path:
    """The stored file of a token. Raises :class:`NotFound` for whatever is none, or is gone."""
    if isinstance(token, str) and _TOKEN.fullmatch(token):
        path = FOLDER / token
        if path.is_file():
            return path
    raise NotFound("这份文件已经不在了。请再发一次。")


def discard(token: object) -> None:
    """Throw the file of a token away; nothing happens where there is none."""
    if isinstance(token, str) and _TOKEN.fullmatch(token):
        (FOLDER / token).unlink(missing_ok=True)


def _sweep() -> None:
    oldest = time.time() - KEPT_SECONDS
    for path in FOLDER.iterdir():
        try:
            if path.stat().st_mtime < oldest:
                path.unlink()
        except FileNotFoundError:  # another process was faster
            continue
